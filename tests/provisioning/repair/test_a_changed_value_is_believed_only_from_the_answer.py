"""A changed password is sent as another create; a 2xx replaced it, a 409 means that Nexus kept the old one."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Service, ServiceState, Setup, SetupState, StepState
from provisioning.runs.actions import start_setup
from provisioning.services.actions import mark_done_by_hand, replace_service
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def changed(actor: Actor, queued: Setup) -> Setup:
    """A draft in which only the Kaleyra password is another, after a set-up that succeeded."""
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = {"kaleyraURL": kaleyra.KALEYRA_URL, "kaleyraUserName": "", "kaleyraPassword": "another password"}
    return save_step(actor, draft, "account", account, draft.version)


def service(setup: Setup, name: str) -> Service:
    return Service.objects.get(tenant=setup.tenant, name=name)


def test_only_the_service_that_changed_is_sent(actor: Actor, changed: Setup, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    before = len(sandbox.ledger())
    ended = kaleyra.run(start_setup(actor, changed))
    assert ended.state == SetupState.SUCCEEDED
    sent = sandbox.ledger()[before:]
    assert [line["path"].rsplit("/", 1)[1] for line in sent] == ["mGageSMS"]
    assert sent[0]["body"]["secret"]["password"] == "another password"
    assert service(changed, "mGageSMS").state == ServiceState.CREATED


def test_a_refusal_leaves_the_old_value_in_sight(actor: Actor, changed: Setup, onlooker: Visitor) -> None:
    taken = service(changed, "mGageSMS").sent
    ended = kaleyra.run(start_setup(actor, changed))
    kept = service(changed, "mGageSMS")
    assert (ended.state, kept.state, kept.sent) == (SetupState.DIFFERS, ServiceState.DIFFERS, taken)
    assert kaleyra.step_of(ended, "mGageSMS").state == StepState.KEPT
    page = onlooker.client.get(reverse("services", args=[changed.tenant_id])).content.decode()
    assert "Nexus kept the old values" in page
    assert "$kaleyraPassword" in page
    assert "another password" not in page


def test_what_was_done_by_hand_is_ticked_off(actor: Actor, changed: Setup) -> None:
    kaleyra.run(start_setup(actor, changed))
    mark_done_by_hand(actor, service(changed, "mGageSMS"))
    mended = service(changed, "mGageSMS")
    assert (mended.state, mended.wanted, mended.setup) == (ServiceState.CREATED, {}, changed)
    assert "service.by_hand" in kaleyra.verbs(changed.tenant)


def test_trying_again_sends_that_service_alone(actor: Actor, changed: Setup, sandbox: Control) -> None:
    kaleyra.run(start_setup(actor, changed))
    before = len(sandbox.ledger())
    sandbox.settings(replace="accept")
    ended = kaleyra.run(replace_service(actor, service(changed, "mGageSMS")))
    assert ended.state == SetupState.SUCCEEDED
    assert len(sandbox.ledger()) == before + 1
    assert service(changed, "mGageSMS").state == ServiceState.CREATED


def test_the_review_shows_before_and_after(changed: Setup, onlooker: Visitor) -> None:
    page = onlooker.client.get(reverse("setup_review", args=[changed.pk])).content.decode()
    assert "and is not sent again." in page
    assert "It is there with other values." in page
    assert page.count("fingerprint ") >= 2


def test_without_a_change_there_is_nothing_to_send(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    with pytest.raises(ValidationError, match="nothing to send"):
        start_setup(actor, draft)
