"""A later check moves a service on: to created where it proves the values, to differs where it shows others."""

import json
from collections.abc import Callable

import pytest

from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.http_client import call_log
from portal.http_client.messages import Answer
from portal.http_client.models import Call
from provisioning import nexus
from provisioning.models import Service, Setup
from provisioning.runs.actions import start_setup
from provisioning.services import actions
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import step_of, verbs
from tests.support.lines import changes_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def accepted(queued: Setup, sandbox: Control) -> Service:
    """The account's service after an empty answer and a look that went wrong, though Nexus took it."""
    sandbox.fault("empty_201", match={"path_contains": "mGageSMS", "method": "POST"})
    sandbox.fault("server_error", match={"path_contains": "mGageSMS", "method": "GET"})
    kaleyra.run(queued)
    return Service.objects.get(name="mGageSMS", state="accepted")


def checked(actor: Actor, service: Service) -> Service:
    actions.ask_check(actor, service)
    actions.check(service.pk)
    service.refresh_from_db()
    return service


@pytest.mark.databases
def test_a_check_that_shows_the_values_makes_it_created(actor: Actor, accepted: Service) -> None:
    service = checked(actor, accepted)
    assert (service.state, service.check_tone) == ("created", "good")
    assert (service.sent["body"]["url"], service.wanted) == (kaleyra.KALEYRA_URL, {})
    assert changes_of("service.checked") == {"result": [None, "good"], "state": ["accepted", "created"]}
    assert step_of(service.setup, "mGageSMS").state == "created"


def test_a_check_that_shows_other_values_makes_it_differ(actor: Actor, accepted: Service) -> None:
    accepted.wanted["body"]["url"] = "http://elsewhere.example"
    accepted.save()
    service = checked(actor, accepted)
    assert (service.state, service.check_tone) == ("differs", "bad")


@pytest.mark.parametrize("fault", ["server_error", "html_200", "empty_object", "not_found", "no_content"])
def test_a_check_that_tells_nothing_leaves_it_as_it_is(
    actor: Actor, accepted: Service, sandbox: Control, fault: str
) -> None:
    sandbox.fault(fault, match={"method": "GET"})
    assert checked(actor, accepted).state == "accepted"


def test_a_check_does_not_prove_a_changed_password(actor: Actor, queued: Setup, sandbox: Control) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = {"kaleyraURL": kaleyra.KALEYRA_URL, "kaleyraUserName": "", "kaleyraPassword": "another password"}
    draft = save_step(actor, draft, "account", account, draft.version)
    sandbox.fault("html_200", match={"method": "POST"})
    kaleyra.run(start_setup(actor, draft))
    service = checked(actor, Service.objects.get(name="mGageSMS"))
    assert (service.state, service.check_tone) == ("accepted", "warning")
    assert "does not show whether its secrets" in service.check_sentence


def test_a_check_of_what_differed_sees_that_it_was_changed_by_hand(
    actor: Actor, queued: Setup, sandbox: Control
) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = {"kaleyraURL": "http://directtext.mgage.com/new", "kaleyraUserName": "", "kaleyraPassword": ""}
    ended = kaleyra.run(start_setup(actor, save_step(actor, draft, "account", account, draft.version)))
    service = checked(actor, Service.objects.get(name="mGageSMS"))
    assert (ended.state, service.state, service.check_tone) == ("differs", "differs", "bad")
    assert "It still holds the old values." in service.check_sentence
    service.wanted["body"]["url"] = kaleyra.KALEYRA_URL  # as if the new values had been what Nexus has now
    service.sent["body"]["url"] = "http://old.example"
    service.save()
    ended.refresh_from_db()
    assert checked(actor, service).state == "created"
    ended.refresh_from_db()
    assert ended.state == "succeeded"


def test_a_run_that_sends_it_again_meanwhile_is_not_overruled(
    actor: Actor, accepted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sent_again(*answered: object, **about: object) -> object:
        answer = exchange(*answered, **about)
        Service.objects.filter(pk=accepted.pk).update(
            wanted={"body": {"url": "http://directtext.mgage.com/new"}, "secrets": {}}
        )
        return answer

    exchange: Callable[..., object] = call_log.exchange
    monkeypatch.setattr(actions, "exchange", sent_again)
    service = checked(actor, accepted)
    assert (service.state, service.check_tone) == ("accepted", "good")


def test_a_person_who_looked_may_confirm_the_values(actor: Actor, accepted: Service) -> None:
    actions.mark_done_by_hand(actor, accepted)
    accepted.refresh_from_db()
    assert (accepted.state, accepted.wanted) == ("created", {})
    assert verbs(accepted.tenant)[-1] == "service.confirmed"
    assert step_of(accepted.setup, "mGageSMS").state == "created"


def test_what_was_done_by_hand_ends_the_difference_of_its_set_up(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = {"kaleyraURL": "http://directtext.mgage.com/new", "kaleyraUserName": "", "kaleyraPassword": ""}
    ended = kaleyra.run(start_setup(actor, save_step(actor, draft, "account", account, draft.version)))
    actions.mark_done_by_hand(actor, Service.objects.get(name="mGageSMS"))
    ended.refresh_from_db()
    assert ended.state == "succeeded"
    assert verbs(queued.tenant)[-2:] == ["service.by_hand", "setup.succeeded"]


def test_a_secret_that_nexus_shows_is_kept_nowhere(
    actor: Actor, accepted: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = {"username": kaleyra.USER_NAME, "password": kaleyra.PASSWORD}
    shown = {"url": kaleyra.KALEYRA_URL, "data": {}, "secret": account, "id": {"user {name}": kaleyra.USER_NAME}}
    body = json.dumps({"status": {"code": 0}, "data": shown}).encode()
    monkeypatch.setattr(call_log, "send", lambda *_: Answer(200, {"content-type": "application/json"}, body, "", 1))
    service = checked(actor, accepted)
    assert (service.state, service.check_tone) == ("created", "good")
    call = Call.objects.get(subject_id=service.pk, method="GET")
    assert "[secret" in call.answer_body
    kept = [call.answer_body, *(str(row) for model in (Service, Event) for row in model.objects.values_list())]
    assert not [text for text in kept if "pa$$word" in text or "<co>" in text]
    assert nexus.definition_in(Answer(200, {}, body, "", 1)).keys() == {"url", "data", "id"}
