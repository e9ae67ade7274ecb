"""One portal's desk, a process of its own: prepares set-ups in bulk, publishes them, and tells when all are done.

`python -m tests.bench.desk` reads one JSON list `[command, arguments…]` from each line and answers with a line of
JSON. It is the portal's own code on the portal's own database; only the rows come in bulk and without a clock.
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
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from portal.accounts.actions import add_person  # noqa: E402
from portal.accounts.models import Membership, User  # noqa: E402
from portal.accounts.permission import person  # noqa: E402
from portal.accounts.rights import Role  # noqa: E402
from portal.audit.actors import command_line  # noqa: E402
from portal.audit.models import Event  # noqa: E402
from portal.audit.reading import faults  # noqa: E402
from portal.audit.recording import record  # noqa: E402
from portal.audit.verbs import Verb  # noqa: E402
from portal.tenants.models import Tenant  # noqa: E402
from portal.vault.kinds import Kind  # noqa: E402
from portal.vault.models import Credential  # noqa: E402
from portal.vault.sealing import fingerprint, key_id, seal  # noqa: E402
from portal.wakeups import wake_after_commit  # noqa: E402
from provisioning.drafts import answers_of, keep, option_of  # noqa: E402
from provisioning.engine import RUN_TASK, target  # noqa: E402
from provisioning.models import LIVE, Setup, SetupState, SetupStep  # noqa: E402
from provisioning.options.kaleyra.option import KALEYRA  # noqa: E402

ANSWERS = {
    "prerequisites": {},
    "account": {"kaleyraURL": "http://directtext.mgage.com"},
    "sender": {"tfn": "1650466114"},
}


def drafts(nexus_url: str, count: int) -> list[str]:
    """Make complete drafts of as many tenants; returns the ids of the set-ups."""
    user = _administrator()
    tenants = [Tenant(name=f"Tenant {n}", ccid=uuid.uuid4(), nexus_url=nexus_url) for n in range(count)]
    setups = [_draft(tenant, user) for tenant in tenants]
    with transaction.atomic():
        Tenant.objects.bulk_create(tenants)
        Membership.objects.bulk_create(Membership(user=user, tenant=each, role=Role.ADMINISTRATOR) for each in tenants)
        Credential.objects.bulk_create(_credential(tenant, kind) for tenant in tenants for kind in Kind)
        Setup.objects.bulk_create(setups)
    return [str(setup.pk) for setup in setups]


def queued(nexus_url: str, count: int) -> dict[str, str]:
    """Make set-ups as if somebody had clicked Run, and no message had left; ids of set-ups and of their tenants."""
    ids = drafts(nexus_url, count)
    with transaction.atomic():
        setups = list(Setup.objects.filter(pk__in=ids).select_related("tenant", "started_by"))
        SetupStep.objects.bulk_create(
            SetupStep(setup=setup, position=position, service=service.name)
            for setup in setups
            for position, service in enumerate(option_of(setup).services(answers_of(setup)))
        )
        for setup in setups:
            record(Verb.SETUP_STARTED, target(setup), person(_administrator()), tenant_id=setup.tenant_id)
        Setup.objects.filter(pk__in=ids).update(state=SetupState.QUEUED, published_at=timezone.now())
    return {str(setup.pk): str(setup.tenant.ccid) for setup in setups}


def run(setup_ids: list[str]) -> float:
    """Publish all of them and return the seconds from the first message to the last success."""
    started = time.perf_counter()
    with transaction.atomic():
        for setup_id in setup_ids:
            wake_after_commit(RUN_TASK, uuid.UUID(setup_id))
    wait(120)
    seconds = time.perf_counter() - started
    succeeded = Setup.objects.filter(pk__in=setup_ids, state=SetupState.SUCCEEDED).count()
    if succeeded != len(setup_ids):
        raise AssertionError(f"{succeeded} of {len(setup_ids)} set-ups succeeded")
    return seconds


def wait(seconds: float) -> None:
    """Wait until no set-up of this portal is live."""
    deadline = time.monotonic() + seconds
    while Setup.objects.filter(state__in=LIVE).exists():
        if time.monotonic() > deadline:
            raise AssertionError(f"some set-ups are still live after {seconds:g} s")
        time.sleep(0.01)


def broken_chains(setup_ids: list[str]) -> list[str]:
    """Return what is wrong with the histories of these set-ups' tenants: nothing, if all are whole and complete."""
    tenants = Setup.objects.filter(pk__in=setup_ids).values_list("tenant_id", flat=True)
    wanted = [Verb.SERVICE_CREATED, Verb.SERVICE_CREATED, Verb.SETUP_STARTED, Verb.SETUP_SUCCEEDED]
    wrong = []
    for chain in map(str, tenants):
        wrong += [f"{chain} #{fault.seq}: {fault.problem}" for fault in faults(chain)]
        verbs = sorted(Event.objects.filter(chain=chain).values_list("verb", flat=True))
        if verbs != wanted:
            wrong.append(f"{chain}: {verbs}")
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
    return found or add_person(command_line(), email=email, password="a password of the benchmarks")


def _draft(tenant: Tenant, user: User) -> Setup:
    setup = Setup(tenant=tenant, option=KALEYRA.key, changed_by_label=user.email, request_id=uuid.uuid4().hex)
    setup.started_by, setup.started_by_label = user, user.email
    for key, answers in ANSWERS.items():
        keep(setup, KALEYRA.step(key), answers)
    return setup


def _credential(tenant: Tenant, kind: Kind) -> Credential:
    value = f"{kind.value} of the benchmarks"
    credential = Credential(tenant=tenant, kind=kind, fingerprint=fingerprint(value, tenant.pk))
    credential.ciphertext = seal(value.encode(), credential.place())
    credential.key_id = key_id(credential.ciphertext)
    credential.set_at, credential.set_by_label = timezone.now(), "administrator@example.com"
    return credential


COMMANDS: dict[str, Callable[..., Any]] = {
    each.__name__: each for each in (drafts, queued, run, wait, broken_chains, sign_in)
}


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        sys.stdout.write(json.dumps(COMMANDS[command](*arguments)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
