"""A fourth option is one folder and one line: the classes below are the folder, the fixture is the line."""

from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.http_client.messages import Secret
from portal.tenants.models import Tenant
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.options import OPTIONS
from provisioning.options.base import OF_EVERY_OPTION, Answers, Option, Prerequisite, ServiceDefinition
from provisioning.wizard.actions import begin_setup
from provisioning.wizard.forms import StepForm
from provisioning.wizard.steps import PrerequisitesStep, SenderStep, WizardStep
from senders.models import SenderId
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import NUMBER, Visitor

LOFT = "https://loft.example.com"
WHISTLE = "a whistle that only pigeons hear"


class LoftForm(StepForm):
    """The loft where the pigeons live."""

    loftURL = forms.URLField(label="Loft URL", assume_scheme="https")  # noqa: N815 - as in the guide
    asyncAPISignatureKey = SecretField(  # noqa: N815 - a kind of secret that exists already; its value is the field's name
        Kind.GATEWAY_API_KEY, used_at=("loftURL",), label="Whistle"
    )
    examples: ClassVar = {"loftURL": LOFT}


class LoftStep(WizardStep):
    """The page that asks for it."""

    key = "loft"
    title = "Loft"
    form = LoftForm

    def warnings(self, answers: Answers) -> list[str]:
        """Return a warning about lofts without TLS."""
        return ["Hawks can read along."] if answers["loftURL"].startswith("http://") else []


class Pigeons(Option):
    """Messages by carrier pigeon."""

    key = "pigeons"
    title = "Carrier pigeons"
    summary = "A loft of your own."
    question = "Do you keep pigeons?"
    provider = "mGage"
    steps = (PrerequisitesStep(), LoftStep(), SenderStep())
    secrets = (Kind.GATEWAY_API_KEY,)
    prerequisites = (*OF_EVERY_OPTION, Prerequisite("Loft URL", "Where they live.", "loftURL"))
    carrier_note = "carries your messages by air"

    def services(self, answers: Answers) -> list[ServiceDefinition]:
        """Return two services that Nexus knows; only their values are this option's own."""
        secret = {"username": "pigeon", "password": Secret("asyncAPISignatureKey")}
        return [
            ServiceDefinition("SMS", {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}}),
            ServiceDefinition("mGageSMS", {"url": answers["loftURL"], "data": {}, "secret": secret}),
        ]

    def cautions(self, setup: Setup) -> list[str]:
        """Return what is worth a look before a run."""
        return [f"The pigeons of {setup.tenant.name} need water."]


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPTIONS, Pigeons.key, Pigeons())


@pytest.fixture
def keeper(
    actor: Actor, tenant_at_sandbox: Tenant, administrator: User, client_of: Callable[[User], Client]
) -> Visitor:
    """The administrator at an empty draft of the new option."""
    return Visitor(client_of(administrator), begin_setup(actor, tenant_at_sandbox, Pigeons.key))


def answer_all(keeper: Visitor, loft: str = LOFT) -> None:
    """Answer every step in the browser."""
    tenant = keeper.setup.tenant
    keeper.save("prerequisites", kaleyra.facts(tenant))
    keeper.save("loft", {"loftURL": loft, "asyncAPISignatureKey": WHISTLE})
    keeper.save("sender", {"tfn": NUMBER})


def text(response: Any) -> str:
    """The page's source."""
    return str(response.content.decode())


def test_it_is_offered_with_its_question_and_its_needs(keeper: Visitor) -> None:
    tenant = keeper.setup.tenant
    assert "Do you keep pigeons?" in text(keeper.client.get(reverse("options", args=[tenant.pk])))
    assert "Loft URL" in text(keeper.client.get(reverse("option_needs", args=[tenant.pk, "pigeons"])))


def test_its_wizard_asks_warns_and_leads_to_the_next_step(keeper: Visitor) -> None:
    keeper.save("prerequisites", kaleyra.facts(keeper.setup.tenant))
    assert "$loftURL" in text(keeper.see("loft"))
    bad = keeper.save("loft", {"loftURL": "", "asyncAPISignatureKey": ""})
    assert bad.status_code == 200
    saved = keeper.save("loft", {"loftURL": "http://loft.example.com", "asyncAPISignatureKey": WHISTLE})
    assert saved["Location"] == keeper.url("sender")
    assert "Hawks can read along." in text(keeper.see("sender"))


def test_its_review_shows_the_requests_without_the_secret(keeper: Visitor) -> None:
    assert keeper.see("review")["Location"] == keeper.url("prerequisites")
    answer_all(keeper)
    page = text(keeper.see("review"))
    assert "mGageSMS" in page
    assert "The pigeons of Acme need water." in page
    assert WHISTLE not in page


def test_its_run_creates_the_services_with_the_secret_and_drafts_the_number(keeper: Visitor, sandbox: Control) -> None:
    answer_all(keeper)
    keeper.do("start")
    keeper.setup.refresh_from_db()
    assert keeper.setup.state == "queued"
    assert kaleyra.run(keeper.setup).state == "succeeded"
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["created SMS", "created mGageSMS"]
    sent = sandbox.ledger()[-1]["body"]
    assert sent["secret"] == {"username": "pigeon", "password": WHISTLE}
    assert sent["url"] == LOFT
    sender = SenderId.objects.get(tenant=keeper.setup.tenant)
    assert (sender.number, sender.provider) == (NUMBER, "mGage")


def test_the_tenants_page_names_it_as_the_active_option(keeper: Visitor, sandbox: Control) -> None:
    answer_all(keeper)
    keeper.do("start")
    kaleyra.run(keeper.setup)
    page = text(keeper.client.get(reverse("tenant", args=[keeper.setup.tenant_id])))
    assert "Carrier pigeons" in page
    assert "carries your messages by air" in page
