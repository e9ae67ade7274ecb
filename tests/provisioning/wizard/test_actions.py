"""A change of option whose set-up failed before has a way out; what others began stays theirs."""

import pytest
from django.core.exceptions import ValidationError

from portal.audit.actors import Actor, ActorKind
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.runs.actions import start_setup
from provisioning.runs.active_option import active_option
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import verbs

pytestmark = pytest.mark.django_db(transaction=True)

GATEWAY = {
    "asyncPhoneNumber": "16504661150",
    "asyncWebhookURL": "https://genesys-webhook.company.com",
    "asyncAPISignatureKey": "api-key",
    "asyncWebhookSignatureKey": "webhook-key",
}


def colleague() -> Actor:
    return Actor(ActorKind.COMMAND_LINE, "colleague", None)


def on_gateway(actor: Actor, tenant: Tenant, *, switch: bool = False) -> Setup:
    setup = begin_setup(actor, tenant, "custom_gateway", switch=switch)
    for step, answers in (("prerequisites", kaleyra.facts(tenant)), ("gateway", GATEWAY), ("headers", {})):
        setup = save_step(actor, setup, step, answers, setup.version)
    return kaleyra.run(start_setup(actor, setup))


@pytest.mark.parametrize("refused", ["SMS", "mGageSMS"])
def test_changing_back_to_an_option_whose_set_up_failed_sends_all_of_it(
    actor: Actor, queued: Setup, sandbox: Control, refused: str
) -> None:
    sandbox.settings(replace="accept")
    sandbox.fault("bad_request", match={"path_contains": f"/{refused}"})
    assert kaleyra.run(queued).state == "failed"
    tenant = queued.tenant
    assert on_gateway(actor, tenant, switch=True).state == "succeeded"
    assert active_option(tenant) == "custom_gateway"
    back = begin_setup(actor, tenant, "kaleyra", switch=True)
    assert (back.pk, back.state, back.replaces_active_option) == (queued.pk, "draft", True)
    assert verbs(tenant)[-2:] == ["setup.reopened", "setup.begun"]
    assert kaleyra.run(start_setup(actor, back)).state == "succeeded"
    assert active_option(tenant) == "kaleyra"


def test_a_failed_set_up_of_the_active_option_is_found_as_it_is(actor: Actor, queued: Setup, sandbox: Control) -> None:
    sandbox.fault("bad_request", match={"path_contains": "/mGageSMS"})
    kaleyra.run(queued)
    found = begin_setup(actor, queued.tenant, "kaleyra", switch=True)
    assert (found.state, found.replaces_active_option) == ("failed", False)


def test_what_a_colleague_changed_after_the_review_is_not_sent(actor: Actor, queued: Setup, sandbox: Control) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    seen = draft.version
    account = kaleyra.ACCOUNT | {"kaleyraURL": "http://half-done.example"}
    save_step(colleague(), draft, "account", account, seen)
    before = len(sandbox.ledger())
    with pytest.raises(ValidationError, match="colleague changed this draft after you opened its review"):
        start_setup(actor, draft, version=seen)
    draft.refresh_from_db()
    assert (draft.state, len(sandbox.ledger())) == ("draft", before)
    assert start_setup(actor, draft, version=draft.version).state == "queued"
