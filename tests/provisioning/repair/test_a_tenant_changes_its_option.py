"""Changing the option means replacing the service SMS; the tenant changes only if Nexus does."""

import pytest
from django.core.exceptions import ValidationError

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Service, ServiceState, Setup, SetupState
from provisioning.runs.actions import start_setup
from provisioning.runs.active_option import active_option
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra

pytestmark = pytest.mark.django_db(transaction=True)

GATEWAY = {
    "asyncPhoneNumber": "16504661150",
    "asyncWebhookURL": "https://genesys-webhook.company.com",
    "asyncAPISignatureKey": "api-key",
    "asyncWebhookSignatureKey": "webhook-key",
}


@pytest.fixture
def switching(actor: Actor, queued: Setup) -> Setup:
    """A complete draft of the custom gateway in a tenant that runs on Kaleyra."""
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "custom_gateway", switch=True)
    for step, answers in (("prerequisites", kaleyra.facts(queued.tenant)), ("gateway", GATEWAY), ("headers", {})):
        draft = save_step(actor, draft, step, answers, draft.version)
    return draft


def state_of(setup: Setup, name: str) -> str:
    return Service.objects.get(tenant=setup.tenant, name=name).state


def test_it_must_be_asked_for(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    with pytest.raises(ValidationError, match="One option is active"):
        begin_setup(actor, queued.tenant, "custom_gateway")


def test_a_nexus_that_replaces_changes_it(actor: Actor, switching: Setup, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    assert kaleyra.run(start_setup(actor, switching)).state == SetupState.SUCCEEDED
    assert active_option(switching.tenant) == "custom_gateway"


def test_a_nexus_that_refuses_leaves_the_old_option(actor: Actor, switching: Setup) -> None:
    assert kaleyra.run(start_setup(actor, switching)).state == SetupState.DIFFERS
    assert (state_of(switching, "Async"), state_of(switching, "SMS")) == (ServiceState.CREATED, ServiceState.DIFFERS)
    assert active_option(switching.tenant) == "kaleyra"
