import pytest
from pytest_django import Settings

from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.devtools.services import ports
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from provisioning.models import Service, Setup
from provisioning.runs.actions import resume_setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import calls_of, run_when_due, step_of, verbs
from tests.support.cast import API_KEY

PERMANENT = [
    ("unauthorized", "refused access (401). Nothing was changed there. Check the key and its permissions."),
    ("unauthorized_html", "refused access (401)."),
    ("forbidden", "refused access (403)."),
    ("not_found", "knows no such thing (404). Nothing was changed there. Check the address and the ids in it."),
    ("not_found_html", "knows no such thing (404)."),
    ("bad_request", "did not accept the request (400)."),
    ("hostile_message", "did not accept the request (400)."),
    ("redirect_302", "points to another address (302), and redirects are not followed."),
    ("error_in_200", "answered 200, but reported an error inside"),
]
PASSING = ["server_error", "bad_gateway", "unavailable", "too_many_requests_bare", "html_502", "reset"]
LOST = ["reply_lost", "gateway_timeout", "reset_after_effect"]


@pytest.mark.parametrize(("fault", "sentence"), PERMANENT)
def test_a_refusal_stops_the_run_with_a_sentence_and_an_event(
    queued: Setup, sandbox: Control, fault: str, sentence: str
) -> None:
    sandbox.fault(fault)
    setup = kaleyra.run(queued)
    assert setup.state == "failed"
    assert setup.sentence.startswith("SMS: 127.0.0.1")
    assert sentence in setup.sentence
    assert [step.state for step in setup.steps.all()] == ["failed", "pending"]
    assert verbs(setup.tenant)[-2:] == ["service.refused", "setup.failed"]
    assert not Service.objects.exists()
    assert len(sandbox.ledger()) == 1


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again_by_itself(queued: Setup, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault)
    waiting = kaleyra.run(queued)
    assert (waiting.state, step_of(waiting, "SMS").state) == ("queued", "pending")
    assert waiting.next_attempt_at is not None
    assert step_of(waiting, "SMS").sentence
    assert verbs(waiting.tenant)[-1] == "service.delayed"
    assert run_when_due(waiting).state == "succeeded"
    assert step_of(waiting, "SMS").attempts == 2


@pytest.mark.parametrize("fault", LOST)
def test_a_look_proves_that_our_own_lost_reply_created_it(queued: Setup, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault)
    setup = run_when_due(kaleyra.run(queued))
    step = step_of(setup, "SMS")
    assert (setup.state, step.state) == ("succeeded", "created")
    assert step.sentence.endswith("Read back: It is there, with the values that were sent.")
    assert [call.status for call in calls_of(setup)][1:] == [409, 200, 201]
    assert len(sandbox.ledger(effects=True)) == 2


def test_a_conflict_at_the_first_attempt_is_not_verified_and_says_so(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("conflict", match={"path_contains": "/SMS"})
    setup = kaleyra.run(queued)
    step = step_of(setup, "SMS")
    assert (setup.state, step.get_state_display()) == ("succeeded", "Exists, not verified")
    assert step.sentence.startswith("Nexus had this service before we asked.")
    assert Service.objects.get(name="SMS").get_state_display() == "Exists, not verified"
    assert "service.found" in verbs(setup.tenant)


def test_a_conflict_after_a_refusal_is_not_ours(queued: Setup, sandbox: Control, actor: Actor) -> None:
    sandbox.fault("unauthorized")
    sandbox.fault("conflict", match={"path_contains": "/SMS"})
    resume_setup(actor, kaleyra.run(queued))
    assert step_of(kaleyra.run(queued), "SMS").state == "found"


def test_a_conflict_at_another_address_than_the_lost_reply_came_from_is_not_ours(
    queued: Setup, sandbox: Control
) -> None:
    sandbox.fault("reply_lost")
    kaleyra.run(queued)
    sandbox.fault("conflict", match={"path_contains": "/SMS"})
    elsewhere = sandbox.url.replace("127.0.0.1", "localhost")
    edit_tenant(command_line(), queued.tenant, nexus_url=elsewhere, nexus_api_key=API_KEY)
    binding = Binding.to(kaleyra.KALEYRA_URL, nexus_url=elsewhere)
    for kind, value in ((Kind.KALEYRA_USER_NAME, kaleyra.USER_NAME), (Kind.KALEYRA_PASSWORD, kaleyra.PASSWORD)):
        store_credential(command_line(), queued.tenant_id, kind, value, binding=binding)
    assert step_of(run_when_due(queued), "SMS").state == "found"


def test_nobody_listening_is_tried_again_until_the_attempts_are_spent(
    actor: Actor, tenant: Tenant, wake_ups: list[str]
) -> None:
    url = f"http://127.0.0.1:{ports.free_port()}"
    tenant = edit_tenant(command_line(), tenant, nexus_url=url, nexus_api_key=API_KEY)
    setup = kaleyra.run(kaleyra.queued(actor, tenant))
    attempts = 1
    while setup.state == "queued":
        setup, attempts = run_when_due(setup), attempts + 1
    assert (setup.state, attempts) == ("failed", 5)
    assert "does not take connections. Nothing was sent." in setup.sentence
    assert step_of(setup, "SMS").outcome_unknown is False


def test_silence_ends_at_the_deadline_and_is_tried_again(queued: Setup, sandbox: Control, settings: Settings) -> None:
    settings.OUTBOUND_READ_SECONDS = 0.3
    sandbox.fault("black_hole")
    setup = kaleyra.run(queued)
    assert (setup.state, step_of(setup, "SMS").outcome_unknown) == ("queued", True)
    assert run_when_due(setup).state == "succeeded"
    assert step_of(setup, "SMS").state == "created"


def test_the_attempts_count_anew_when_a_person_resumes(queued: Setup, sandbox: Control, actor: Actor) -> None:
    sandbox.fault("unavailable", times=6)
    setup = kaleyra.run(queued)
    while setup.state == "queued":
        setup = run_when_due(setup)
    assert (setup.state, step_of(setup, "SMS").attempts) == ("failed", 5)
    resume_setup(actor, setup)
    assert run_when_due(kaleyra.run(setup)).state == "succeeded"
    assert step_of(setup, "SMS").attempts == 7


@pytest.mark.parametrize(
    ("fault", "least", "most"), [("too_many_requests", 0.5, 1.0), ("too_many_requests_huge", 3500, 3600)]
)
def test_it_waits_as_long_as_the_server_asks_and_at_most_an_hour(
    queued: Setup, sandbox: Control, fault: str, least: float, most: float
) -> None:
    sandbox.fault(fault)
    setup = kaleyra.run(queued)
    finished = step_of(setup, "SMS").finished_at
    assert setup.next_attempt_at is not None
    assert finished is not None
    assert least <= (setup.next_attempt_at - finished).total_seconds() <= most


def test_a_status_of_any_type_leaves_no_set_up_behind(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("status_of_wrong_type")
    assert kaleyra.run(queued).state == "succeeded"
