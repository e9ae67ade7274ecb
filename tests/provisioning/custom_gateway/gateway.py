"""The guide's example of option 2, and the short ways to drafts, runs and rehearsals of it."""

from collections.abc import Mapping
from typing import Any

from django.test import Client
from django.urls import reverse

from portal.audit.actors import Actor
from portal.devtools.sandbox import gateways
from portal.devtools.sandbox.control import Control
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from provisioning.models import Rehearsal, Setup
from provisioning.options.custom_gateway.webhook_test import ask_rehearsal, rehearse
from provisioning.runs import engine
from provisioning.runs.actions import start_setup
from provisioning.wizard.actions import begin_setup, save_step

NUMBERS = ["16504661150", "12345"]
WEBHOOK = "http://127.0.0.1:9/sms"
API_KEY = "api-key-of-globex"
WEBHOOK_KEY = gateways.SECRET
HEADERS = "custom-header-for-async-1 = 12345"
GATEWAY = {
    "asyncPhoneNumber": "\n".join(NUMBERS),
    "asyncWebhookURL": WEBHOOK,
    "asyncAPISignatureKey": API_KEY,
    "asyncWebhookSignatureKey": WEBHOOK_KEY,
    "asyncEmailDomain": "",
}


def answers(tenant: Tenant, **changes: str) -> dict[str, dict[str, str]]:
    """Good answers to all steps; `changes` are of the step "gateway"."""
    return {
        "prerequisites": {"ccid": str(tenant.ccid), "nexusURL": tenant.nexus_url, "apiKey": ""},
        "gateway": GATEWAY | changes,
        "headers": {"headers": HEADERS},
    }


def complete_draft(actor: Actor, tenant: Tenant, **changes: str) -> Setup:
    """A draft of which every step is answered."""
    setup = begin_setup(actor, tenant, "custom_gateway")
    for key, values in answers(tenant, **changes).items():
        setup = save_step(actor, setup, key, values, setup.version)
    return setup


def save(actor: Actor, setup: Setup, step: str, values: Mapping[str, Any]) -> Setup:
    """Save one step of a draft."""
    setup.refresh_from_db()
    return save_step(actor, setup, step, values, setup.version)


def run(actor: Actor, setup: Setup) -> Setup:
    """Start it, run it as a worker would, and return it as it stands then."""
    engine.run(start_setup(actor, setup).pk)
    setup.refresh_from_db()
    return setup


def draft_at(actor: Actor, tenant: Tenant, sandbox: Control, name: str) -> Setup:
    """A draft whose gateway is the sandbox's of this name."""
    return complete_draft(actor, tenant, asyncWebhookURL=f"{sandbox.url}/gateways/{name}")


def rehearsed(actor: Actor, setup: Setup) -> Rehearsal:
    """Rehearse as a worker would, and return what came of it."""
    asked = ask_rehearsal(actor, setup)
    rehearse(asked.pk)
    asked.refresh_from_db()
    return asked


def grades(rehearsal: Rehearsal) -> dict[str, tuple[str, str]]:
    """Tone and sentence of each grade, by its title."""
    return {grade["title"]: (grade["tone"], grade["sentence"]) for grade in rehearsal.grades}


def calls_of(rehearsal: Rehearsal) -> list[Call]:
    """Its requests, the oldest first."""
    return list(Call.objects.filter(subject_id=rehearsal.pk).order_by("id"))


def post(client: Client, name: str, setup: Setup, *arguments: str, **values: str) -> Any:
    """Press a button of the set-up, on a page that was opened just now."""
    values.setdefault("version", str(Setup.objects.values_list("version", flat=True).get(pk=setup.pk)))
    return client.post(reverse(name, args=[setup.pk, *arguments]), values)


def page(client: Client, name: str, setup: Setup) -> str:
    """A page about the set-up, as text."""
    answer = client.get(reverse(name, args=[setup.pk]))
    assert answer.status_code == 200
    return answer.content.decode()
