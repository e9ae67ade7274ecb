"""Check reads definitions back where Nexus answers, and says plainly where it does not."""

import pytest

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Service, Setup
from provisioning.services import actions
from tests.provisioning import kaleyra

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def created(actor: Actor, queued: Setup) -> Service:
    """The service with the account, which Nexus took."""
    kaleyra.run(queued)
    return Service.objects.get(name="mGageSMS")


def checked(actor: Actor, service: Service) -> Service:
    actions.ask_check(actor, service)
    actions.check(service.pk)
    service.refresh_from_db()
    return service


def test_what_was_sent_is_there(actor: Actor, created: Service) -> None:
    service = checked(actor, created)
    assert (service.check_tone, service.check_asked_at) == ("good", None)
    assert "Secrets cannot be read back." in service.check_sentence


def test_other_values_show(actor: Actor, created: Service) -> None:
    created.sent["body"]["url"] = "http://elsewhere.example"
    created.save()
    assert checked(actor, created).check_tone == "bad"


@pytest.mark.parametrize("status", [404, 405])
def test_a_nexus_that_does_not_answer_is_said_plainly(
    actor: Actor, created: Service, sandbox: Control, status: int
) -> None:
    sandbox.settings(readable=False, unreadable_status=status)
    service = checked(actor, created)
    assert (service.check_tone, "cannot check it" in service.check_sentence) == ("neutral", True)


@pytest.mark.parametrize("fault", ["html_502", "reply_lost", "deep_json", "error_in_200"])
def test_a_bad_answer_is_no_verdict(actor: Actor, created: Service, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match={"method": "GET"})
    assert checked(actor, created).check_tone == "warning"


def test_a_message_that_comes_twice_does_nothing(actor: Actor, created: Service, sandbox: Control) -> None:
    checked(actor, created)
    before = len(sandbox.ledger())
    actions.check(created.pk)
    assert len(sandbox.ledger()) == before
