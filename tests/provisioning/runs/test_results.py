"""Only a documented answer or a look proves that Nexus has a service with our values; all else is not verified."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.transactions import unit_of_work
from portal.core.tasks.shutdown import handing_back
from portal.devtools.sandbox.control import Control
from portal.http_client.send import send
from portal.tenants.models import Tenant
from provisioning import nexus
from provisioning.models import Service, Setup
from provisioning.runs import claims, engine, results
from provisioning.runs.actions import start_setup
from provisioning.runs.active_option import active_option
from provisioning.runs.results import StepOutcome, Verdict
from provisioning.services.actions import replace_service
from provisioning.wizard.actions import begin_setup, save_step
from provisioning.wizard.drafts import answers_of, option_of
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor, calls_of, run_when_due, step_of, verbs
from tests.support.lines import verbs_of_calls

pytestmark = pytest.mark.django_db(transaction=True)

#: A 2xx each, of which none has the documented status code 0, or another one.
SAYS_NOTHING = [
    *("empty_201", "no_content", "text_ok", "html_200", "accepted_202", "partial_206", "truncated_json"),
    *("json_array", "json_string", "json_number", "json_null", "json_true", "empty_object"),
    *("status_of_wrong_type", "code_as_text", "nul_bytes"),
]
ACCOUNT = {"path_contains": "mGageSMS", "method": "POST"}
LOOK = {"path_contains": "mGageSMS", "method": "GET"}


def account() -> Service:
    return Service.objects.get(name="mGageSMS")


def requests_of(setup: Setup, service: str = "mGageSMS") -> list[tuple[str, int | None]]:
    return [(call.method, call.status) for call in calls_of(setup) if call.url.endswith(f"/{service}")]


def made_by_hand(setup: Setup, secrets: Mapping[str, str], url: str = kaleyra.KALEYRA_URL) -> None:
    """Create mGageSMS as somebody with curl would, long before."""
    answers = {**answers_of(setup), "kaleyraURL": url}
    definition = next(each for each in option_of(setup).services(answers) if each.name == "mGageSMS")
    send(nexus.create_service(setup.tenant, definition), {**kaleyra.SECRETS, **secrets})


@pytest.mark.parametrize("fault", SAYS_NOTHING)
def test_an_answer_that_says_nothing_is_accepted_and_not_verified(queued: Setup, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match=ACCOUNT, after_effect=False)
    setup = kaleyra.run(queued)
    step = step_of(setup, "mGageSMS")
    assert (setup.state, step.state, account().state) == ("succeeded", "accepted", "accepted")
    assert account().get_state_display() == "Accepted, not verified"
    assert step.sentence.startswith("Nexus answered 20")
    assert "but did not say what came of it. Read back: " in step.sentence
    assert [method for method, _ in requests_of(setup)] == ["POST", "GET"]
    assert verbs(setup.tenant)[-3:] == ["service.accepted", "service.checked", "setup.succeeded"]
    assert (account().sent, account().wanted["body"]["url"]) == ({}, kaleyra.KALEYRA_URL)


@pytest.mark.parametrize("fault", SAYS_NOTHING)
def test_one_look_proves_that_it_was_created(queued: Setup, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match=ACCOUNT, after_effect=True)
    setup = kaleyra.run(queued)
    step = step_of(setup, "mGageSMS")
    assert (setup.state, step.state, account().state) == ("succeeded", "created", "created")
    assert step.sentence.endswith("what can be read is what was sent. Secrets cannot be read back.")
    assert requests_of(setup)[1] == ("GET", 200)
    assert verbs(setup.tenant)[-3:] == ["service.accepted", "service.created", "setup.succeeded"]
    assert (account().sent["body"]["url"], account().wanted) == (kaleyra.KALEYRA_URL, {})


def test_a_documented_answer_costs_no_look(queued: Setup, sandbox: Control) -> None:
    kaleyra.run(queued)
    assert [line["method"] for line in sandbox.ledger()] == ["POST", "POST"]


@pytest.mark.databases
def test_each_request_has_its_line(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT)
    kaleyra.run(queued)
    assert [verbs for _, verbs in verbs_of_calls()] == [["service.created"], ["service.accepted"], ["service.created"]]


@pytest.mark.parametrize("status", [404, 405])
def test_a_nexus_that_cannot_be_read_leaves_it_unverified(queued: Setup, sandbox: Control, status: int) -> None:
    sandbox.settings(readable=False, unreadable_status=status)
    sandbox.fault("empty_201", match=ACCOUNT)
    setup = kaleyra.run(queued)
    assert (setup.state, account().state) == ("succeeded", "accepted")
    assert f"Nexus does not answer questions about this service ({status})" in step_of(setup, "mGageSMS").sentence


@pytest.mark.parametrize("fault", ["server_error", "reset", "html_200", "error_in_200", "empty_object", "unauthorized"])
def test_a_look_that_goes_wrong_proves_nothing_and_is_not_repeated(queued: Setup, sandbox: Control, fault: str) -> None:
    sandbox.fault("empty_201", match=ACCOUNT)
    sandbox.fault(fault, match=LOOK)
    setup = kaleyra.run(queued)
    assert (setup.state, account().state) == ("succeeded", "accepted")
    assert [method for method, _ in requests_of(setup)] == ["POST", "GET"]


def test_other_values_are_said_to_differ(queued: Setup, sandbox: Control) -> None:
    made_by_hand(queued, {}, url="http://old.example")
    sandbox.fault("html_200", match=ACCOUNT)
    setup = kaleyra.run(queued)
    assert (setup.state, step_of(setup, "mGageSMS").state, account().state) == ("differs", "kept", "differs")
    assert "its url is not what was sent" in step_of(setup, "mGageSMS").sentence


def test_an_error_inside_is_a_refusal_as_before(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("error_in_200", match=ACCOUNT)
    setup = kaleyra.run(queued)
    assert (setup.state, [method for method, _ in requests_of(setup)]) == ("failed", ["POST"])


def test_the_run_goes_on_after_the_look_of_an_earlier_service(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("no_content", match={"path_contains": "/SMS", "method": "POST"})
    setup = kaleyra.run(queued)
    assert [call.method for call in calls_of(setup)] == ["POST", "GET", "POST"]
    assert [step.state for step in setup.steps.all()] == ["created", "created"]


# --- a 409 after a doubt


def test_a_conflict_after_a_cut_post_does_not_prove_that_the_secrets_are_ours(queued: Setup, sandbox: Control) -> None:
    made_by_hand(queued, {"kaleyraPassword": "an old password"})
    sandbox.fault("reply_lost_before_effect", match=ACCOUNT)
    setup = run_when_due(kaleyra.run(queued))
    assert (setup.state, step_of(setup, "mGageSMS").state, account().state) == ("succeeded", "found", "found")
    assert account().sent == {}
    assert "Secrets cannot be read back." in step_of(setup, "mGageSMS").sentence
    assert [status for _, status in requests_of(setup)] == [None, 409, 200]


def test_a_conflict_after_a_cut_post_with_other_values_differs(queued: Setup, sandbox: Control) -> None:
    made_by_hand(queued, {}, url="http://old.example")
    sandbox.fault("reply_lost_before_effect", match=ACCOUNT)
    setup = run_when_due(kaleyra.run(queued))
    assert (setup.state, account().state, account().sent) == ("differs", "differs", {})


def test_a_conflict_after_a_doubt_that_cannot_be_read_exists_and_is_not_verified(
    queued: Setup, sandbox: Control
) -> None:
    sandbox.settings(readable=False)
    sandbox.fault("reply_lost", match=ACCOUNT)
    setup = run_when_due(kaleyra.run(queued))
    assert (setup.state, account().get_state_display()) == ("succeeded", "Exists, not verified")


# --- replacing


@pytest.fixture
def standing(queued: Setup) -> Setup:
    """A set-up that succeeded."""
    return kaleyra.run(queued)


def changed(actor: Actor, setup: Setup, **answers: str) -> Setup:
    """Start a set-up in which these answers of the account are others."""
    draft = begin_setup(actor, setup.tenant, "kaleyra")
    blank = {"kaleyraURL": kaleyra.KALEYRA_URL, "kaleyraUserName": "", "kaleyraPassword": ""}
    return start_setup(actor, save_step(actor, draft, "account", blank | answers, draft.version))


def test_a_changed_address_is_proven_by_a_look(actor: Actor, standing: Setup, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    sandbox.fault("empty_201", match=ACCOUNT)
    setup = kaleyra.run(changed(actor, standing, kaleyraURL="http://directtext.mgage.com/new"))
    assert (setup.state, account().state, account().sent["body"]["url"]) == (
        "succeeded",
        "created",
        "http://directtext.mgage.com/new",
    )
    assert verbs(setup.tenant)[-2:] == ["service.replaced", "setup.succeeded"]


def test_an_old_address_that_is_still_there_differs(actor: Actor, standing: Setup, sandbox: Control) -> None:
    sandbox.fault("accepted_202", match=ACCOUNT)
    setup = kaleyra.run(changed(actor, standing, kaleyraURL="http://directtext.mgage.com/new"))
    assert (setup.state, account().state, account().setup) == ("differs", "differs", standing)
    assert account().sent["body"]["url"] == kaleyra.KALEYRA_URL


def test_a_changed_password_is_never_proven_by_a_look(actor: Actor, standing: Setup, sandbox: Control) -> None:
    sandbox.fault("html_200", match=ACCOUNT)  # a proxy's page, and Nexus never heard of it
    setup = kaleyra.run(changed(actor, standing, kaleyraPassword="another password"))
    assert (setup.state, account().state) == ("succeeded", "accepted")
    assert account().sent["secrets"] != account().wanted["secrets"]
    assert "That does not show whether its secrets are the ones that were sent." in step_of(setup, "mGageSMS").sentence


def test_a_second_unproven_password_leaves_nothing_known(actor: Actor, standing: Setup, sandbox: Control) -> None:
    for password in ("second", "third"):
        sandbox.fault("empty_201", match=ACCOUNT, after_effect=False)
        setup = kaleyra.run(changed(actor, standing, kaleyraPassword=password))
    assert (setup.state, account().state, account().sent) == ("succeeded", "accepted", {})


def test_a_conflict_after_a_cut_replacement_is_read_back(actor: Actor, standing: Setup, sandbox: Control) -> None:
    sandbox.fault("reply_lost_before_effect", match=ACCOUNT)
    setup = run_when_due(kaleyra.run(changed(actor, standing, kaleyraURL="http://directtext.mgage.com/new")))
    assert (setup.state, account().state) == ("differs", "differs")
    assert [status for _, status in requests_of(setup)] == [None, 409, 200]


def test_a_conflict_after_a_cut_replacement_of_a_password_is_not_verified(
    actor: Actor, standing: Setup, sandbox: Control
) -> None:
    sandbox.fault("reply_lost_before_effect", match=ACCOUNT)
    setup = run_when_due(kaleyra.run(changed(actor, standing, kaleyraPassword="another password")))
    assert (setup.state, account().state) == ("succeeded", "found")


@pytest.mark.parametrize("ended", ["succeeded", "differs"])
def test_a_change_of_option_follows_what_a_look_shows(
    actor: Actor, standing: Setup, sandbox: Control, ended: str
) -> None:
    sandbox.settings(replace="accept")
    gateway = {
        "asyncPhoneNumber": "16504661150",
        "asyncWebhookURL": "https://genesys-webhook.company.com",
        "asyncAPISignatureKey": "api-key",
        "asyncWebhookSignatureKey": "webhook-key",
    }
    draft = begin_setup(actor, standing.tenant, "custom_gateway", switch=True)
    for key, values in (("prerequisites", kaleyra.facts(standing.tenant)), ("gateway", gateway), ("headers", {})):
        draft = save_step(actor, draft, key, values, draft.version)
    sandbox.fault("empty_201", match={"path_contains": "/SMS", "method": "POST"}, after_effect=ended == "succeeded")
    setup = kaleyra.run(start_setup(actor, draft))
    assert setup.state == ended
    assert active_option(standing.tenant) == ("custom_gateway" if ended == "succeeded" else "kaleyra")


# --- what dies, stops or is asked again


def test_a_worker_that_dies_in_the_look_leaves_it_accepted(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT)
    with unit_of_work():
        run, sending = kaleyra.claimed(queued)
    while sending and not sending.reads_back:
        outcome = engine.send_request(run, sending)
        with unit_of_work():
            sending = engine.record_result(run, sending, outcome)
    assert sending is not None  # the look is on its way when its worker dies
    Setup.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    setup = kaleyra.run(queued)
    assert (setup.state, account().state) == ("succeeded", "accepted")
    assert requests_of(setup) == [("POST", 201), ("GET", None)]


def test_a_worker_that_is_asked_to_stop_leaves_the_look_to_another(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("empty_201", match={"path_contains": "/SMS", "method": "POST"})
    with unit_of_work():
        run, sending = kaleyra.claimed(queued)
    assert sending is not None
    outcome = engine.send_request(run, sending)
    with unit_of_work(), handing_back():
        assert engine.record_result(run, sending, outcome) is None
    queued.refresh_from_db()
    assert queued.state == "queued"
    assert kaleyra.run(queued).state == "succeeded"
    assert [call.method for call in calls_of(queued)] == ["POST", "GET", "POST"]


@pytest.mark.parametrize("end", ["finish", "fail", "schedule_retry", "hand_back"])
def test_a_worker_that_was_overtaken_ends_nothing(queued: Setup, wake_ups: list[str], end: str) -> None:
    with unit_of_work():
        run, sending = kaleyra.claimed(queued)
    assert sending is not None
    Setup.objects.update(fence=run.fence + 1)  # another worker has claimed it
    verdict = Verdict(StepOutcome.AGAIN, "Later.", wait=1.0)
    ends: dict[str, Callable[[], None]] = {
        "finish": lambda: results.finish(run),
        "fail": lambda: results.fail(run, "No."),
        "schedule_retry": lambda: results.schedule_retry(run, sending, verdict, timezone.now()),
        "hand_back": lambda: claims.hand_back(run),
    }
    with unit_of_work():
        ends[end]()
    queued.refresh_from_db()
    assert (queued.state, queued.fence, queued.lease_until) == ("running", run.fence + 1, run.setup.lease_until)


def test_a_replacement_that_is_asked_for_is_sent_again(actor: Actor, queued: Setup, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT, after_effect=False)
    kaleyra.run(queued)
    setup = kaleyra.run(replace_service(actor, account()))
    assert (setup.state, account().state) == ("succeeded", "created")


def test_the_same_values_are_not_sent_again_by_themselves(actor: Actor, queued: Setup, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT, after_effect=False)
    kaleyra.run(queued)
    with pytest.raises(ValidationError, match="mGageSMS stands in Digital Channels, not verified"):
        start_setup(actor, begin_setup(actor, queued.tenant, "kaleyra"))


def test_the_pages_say_that_it_is_not_verified(onlooker: Visitor, sandbox: Control, tenant: Tenant) -> None:
    sandbox.fault("empty_201", match=ACCOUNT, after_effect=False)
    kaleyra.run(onlooker.setup)
    run_page = onlooker.client.get(reverse("setup", args=[onlooker.setup.pk])).content.decode()
    assert "Accepted, not verified" in run_page
    assert "SMS is set up" not in run_page
    services = onlooker.client.get(reverse("services", args=[tenant.pk])).content.decode()
    assert "Nexus answered the request without saying what came of it" in services
    assert "I looked: it holds these values" in services
    assert "Not all verified" in onlooker.client.get(reverse("tenant", args=[tenant.pk])).content.decode()
