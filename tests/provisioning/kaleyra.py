"""The guide's example of option 1, and the short ways to drafts and runs of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from provisioning.models import Setup, SetupStep
from provisioning.runs import engine
from provisioning.runs.actions import start_setup
from provisioning.runs.claims import Run, Sending, load_run
from provisioning.wizard.actions import begin_setup, save_step
from tests.support.cast import API_KEY

KALEYRA_URL = "http://directtext.mgage.com"
# Everything that JSON, HTML or a shell might trip over.
USER_NAME = 'acme "sms" & <co>'
PASSWORD = "pa$$word\\with'quotes\"`!"
NUMBER = "16504661140"
SECRETS = {"apiKey": API_KEY, "kaleyraUserName": USER_NAME, "kaleyraPassword": PASSWORD}
ACCOUNT = {"kaleyraURL": KALEYRA_URL, "kaleyraUserName": USER_NAME, "kaleyraPassword": PASSWORD}


def facts(tenant: Tenant) -> dict[str, str]:
    """What the first step asks, without the API key, which is stored already."""
    return {"ccid": str(tenant.ccid), "nexusURL": tenant.nexus_url, "apiKey": ""}


def answers(tenant: Tenant) -> dict[str, dict[str, str]]:
    """Good answers to all steps."""
    return {"prerequisites": facts(tenant), "account": ACCOUNT, "sender": {"tfn": NUMBER}}


def complete_draft(actor: Actor, tenant: Tenant) -> Setup:
    """A draft of which every step is answered."""
    setup = begin_setup(actor, tenant, "kaleyra")
    for key, values in answers(tenant).items():
        setup = save_step(actor, setup, key, values, setup.version)
    return setup


def queued(actor: Actor, tenant: Tenant) -> Setup:
    """A set-up that waits for a worker."""
    return start_setup(actor, complete_draft(actor, tenant))


def run(setup: Setup) -> Setup:
    """Run it as a worker would, and return it as it stands then."""
    engine.run(setup.pk)
    setup.refresh_from_db()
    return setup


def claimed(setup: Setup) -> tuple[Run, Sending | None]:
    """Claim it in the caller's transaction, as the first half of a run does."""
    found = load_run(setup.pk, timezone.now())
    assert found is not None, "it is not due"
    engine.prepare_requests(found)
    return found, engine.begin(found)


def run_when_due(setup: Setup) -> Setup:
    """Run it as if the wait before its next attempt were over."""
    Setup.objects.filter(pk=setup.pk).update(next_attempt_at=None)
    return run(setup)


def step_of(setup: Setup, service: str) -> SetupStep:
    """The step that creates a service, as it stands."""
    return setup.steps.get(service=service)


def calls_of(setup: Setup) -> list[Call]:
    """All requests of a set-up, the oldest first."""
    return list(Call.objects.filter(subject_id__in=setup.steps.values("pk")).order_by("id"))


def verbs(tenant: Tenant) -> list[str]:
    """What the tenant's history says happened, the oldest first."""
    return list(Event.objects.filter(chain=str(tenant.pk)).order_by("seq").values_list("verb", flat=True))


def last_event(tenant: Tenant) -> str:
    """The bytes of the newest line of the tenant's history, as text."""
    return bytes(Event.objects.filter(chain=str(tenant.pk)).latest("seq").canonical).decode()


def whole_database() -> str:
    """Every value of every row of every table, as one text; bytes as they are and in hexadecimal."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return "\n".join(_dump(cursor, table) for table in tables)


def _dump(cursor: Any, table: str) -> str:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table of our own
    return "\n".join(_text(value) for row in cursor.fetchall() for value in row)


def _text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return f"{bytes(value).decode(errors='replace')}\n{bytes(value).hex()}"
    return str(value)


@dataclass
class Visitor:
    """A person in a browser without JavaScript, walking one set-up's wizard."""

    client: Client
    setup: Setup

    def url(self, step: str) -> str:
        """The address of a step, or of `review`."""
        if step == "review":
            return reverse("setup_review", args=[self.setup.pk])
        return reverse("setup_step", args=[self.setup.pk, step])

    def see(self, step: str) -> HttpResponse:
        """Open a page of the wizard."""
        return self.client.get(self.url(step))  # type: ignore[return-value]  # the test client's answer is one

    def save(self, step: str, values: Mapping[str, str], version: int | None = None) -> HttpResponse:
        """Send a step's form, as it was opened at this version of the draft (without one: just now)."""
        self.setup.refresh_from_db()
        seen = self.setup.version if version is None else version
        return self.client.post(self.url(step), {**values, "version": seen})  # type: ignore[return-value]  # the same

    def do(self, verb: str) -> HttpResponse:
        """Press a button: start, resume, reopen, discard."""
        return self.client.post(reverse(f"setup_{verb}", args=[self.setup.pk]))  # type: ignore[return-value]  # the same
