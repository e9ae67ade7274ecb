"""One portal's desk, a process of its own: makes set-ups ready, publishes them, and tells when all are done.

`python -m tests.bench.desk` reads one JSON list `[command, arguments…]` from each line and answers with a line of
JSON. It uses the portal's own actions on the portal's own database.
"""

import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402 - Django's models need it set up
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 - the same
from django.db import connection, transaction  # noqa: E402 - the same

from portal.accounts.actions import add_person  # noqa: E402 - the same
from portal.accounts.models import User  # noqa: E402 - the same
from portal.accounts.permission import person  # noqa: E402 - the same
from portal.accounts.sessions import SessionStore  # noqa: E402 - the same
from portal.audit.actors import command_line  # noqa: E402 - the same
from portal.audit.commit_guard import unaudited  # noqa: E402 - the same
from portal.audit.event_lookup import faults  # noqa: E402 - the same
from portal.audit.models import Event  # noqa: E402 - the same
from portal.audit.verbs import Verb  # noqa: E402 - the same
from portal.core.tasks.publish import send_task_on_commit, without_messages  # noqa: E402 - the same
from portal.tenants.actions import add_tenants  # noqa: E402 - the same
from portal.tenants.models import Tenant  # noqa: E402 - the same
from portal.vault.actions import store_first_credentials  # noqa: E402 - the same
from portal.vault.kinds import Kind  # noqa: E402 - the same
from provisioning.models import LIVE, Setup, SetupState  # noqa: E402 - the same
from provisioning.options.kaleyra.option import Kaleyra  # noqa: E402 - the same
from provisioning.runs.actions import FirstSetup, start_first_setups  # noqa: E402 - the same
from provisioning.runs.claims import RUN_TASK  # noqa: E402 - the same
from provisioning.wizard.actions import begin_setup  # noqa: E402 - the same
from provisioning.wizard.drafts import store_all_answers  # noqa: E402 - the same
from tests.bench import long_history  # noqa: E402 - the same

ANSWERS: dict[str, dict[str, str]] = {
    "prerequisites": {},
    "account": {"kaleyraURL": "http://directtext.mgage.com"},
    "sender": {"tfn": "1650466114"},
}
#: The end of each tenant's history: one line for each service, and one for the set-up.
ENDING = [Verb.SERVICE_CREATED, Verb.SERVICE_CREATED, Verb.SETUP_SUCCEEDED]


def drafts(nexus_url: str, count: int) -> list[str]:
    """Make complete drafts of as many tenants; returns the ids of the set-ups."""
    return [_draft(tenant) for tenant in _tenants(nexus_url, count)]


def queued(nexus_url: str, count: int) -> dict[str, str]:
    """Start set-ups of as many tenants, but keep the messages back; ids of set-ups, and their contact centres'."""
    many = [FirstSetup(tenant, Kaleyra(), ANSWERS) for tenant in _tenants(nexus_url, count)]
    with without_messages():
        setups = start_first_setups(person(_administrator()), many)
    return {str(setup.pk): str(setup.tenant.ccid) for setup in setups}


def run(setup_ids: list[str]) -> float:
    """Publish all of them and return the seconds from the first message to the last success."""
    started = time.perf_counter()
    with transaction.atomic():
        for setup_id in setup_ids:
            send_task_on_commit(RUN_TASK, uuid.UUID(setup_id))
    wait(120)
    seconds = time.perf_counter() - started
    succeeded = Setup.objects.filter(pk__in=setup_ids, state=SetupState.SUCCEEDED).count()
    if succeeded != len(setup_ids):
        raise AssertionError(f"{succeeded} of {len(setup_ids)} set-ups succeeded")
    return seconds


def wait(seconds: float) -> None:
    """Wait until no set-up of this portal is live. Looked for by a statement compiled once: we share the CPU."""
    sql, values = Setup.objects.filter(state__in=LIVE).values("pk")[:1].query.sql_with_params()
    deadline = time.monotonic() + seconds
    while _is_any(sql, values):
        if time.monotonic() > deadline:
            raise AssertionError(f"some set-ups are still live after {seconds:g} s")
        time.sleep(0.01)


def _is_any(sql: str, values: tuple[Any, ...]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone() is not None


def broken_chains(setup_ids: list[str]) -> list[str]:
    """Return what is wrong with the histories of these set-ups' tenants: nothing, if all are whole and complete."""
    wrong = []
    for chain in map(str, Setup.objects.filter(pk__in=setup_ids).values_list("tenant_id", flat=True)):
        wrong += [f"{chain} #{fault.seq}: {fault.problem}" for fault in faults(chain)]
        verbs = list(Event.objects.filter(chain=chain).order_by("seq").values_list("verb", flat=True))
        if verbs[-3:] != ENDING or Verb.SERVICE_CREATED in verbs[:-3]:
            wrong.append(f"{chain} tells: {', '.join(verbs)}")
    return wrong


def sign_in() -> str:
    """Return the session key of the administrator, as if they had signed in."""
    user = _administrator()
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return str(session.session_key)


def _administrator() -> User:
    email = "administrator@example.com"
    found = User.objects.filter(email=email).first()
    return found or add_person(
        command_line(), email=email, password="a password of the benchmarks", is_site_administrator=True
    )


@transaction.atomic
def _tenants(nexus_url: str, count: int) -> list[Tenant]:
    actor = person(_administrator())
    tenants = [Tenant(name=f"Tenant {n}", ccid=uuid.uuid4(), nexus_url=nexus_url) for n in range(count)]
    add_tenants(actor, tenants)
    kinds = (Kind.NEXUS_API_KEY, *Kaleyra.secrets)
    where = {
        each.pk: Kaleyra().bindings(each, {name: value for step in ANSWERS.values() for name, value in step.items()})
        for each in tenants
    }
    store_first_credentials(
        actor, [(each.pk, kind, f"a made-up {kind.value}", where[each.pk][kind]) for each in tenants for kind in kinds]
    )
    return tenants


def _draft(tenant: Tenant) -> str:
    setup = begin_setup(person(_administrator()), tenant, Kaleyra.key)
    store_all_answers(setup, ANSWERS)
    with unaudited():  # the wizard's steps, without the wizard
        setup.save()
    return str(setup.pk)


COMMANDS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (drafts, queued, run, wait, broken_chains, sign_in, long_history.write, long_history.seconds)
}


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(COMMANDS[command](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
