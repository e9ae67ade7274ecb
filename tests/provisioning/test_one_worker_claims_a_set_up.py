import threading
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.recording import batch_events
from portal.devtools.sandbox.control import Control
from portal.http_client.messages import Answer, Request
from portal.http_client.send import send
from portal.tenants.models import Tenant
from provisioning.models import Service, Setup
from provisioning.runs import claims, engine
from provisioning.runs.actions import resume_setup, start_setup
from provisioning.wizard.actions import begin_setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import calls_of, step_of, verbs

THREADS = 8


def at_once(work: Callable[[], object], threads: int = THREADS) -> None:
    """Do it in many threads, all at the same moment; their errors are raised here."""
    gate, errors = threading.Barrier(threads), []

    def do() -> None:
        gate.wait()
        try:
            work()
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)
        finally:
            connection.close()

    crowd = [threading.Thread(target=do) for _ in range(threads)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(60)
    assert not errors


@pytest.mark.databases
def test_many_workers_at_once_create_each_service_once(transactional_db: None, queued: Setup, sandbox: Control) -> None:
    sandbox.settings(latency_ms=50)
    at_once(lambda: engine.run(queued.pk))
    assert [line["status"] for line in sandbox.ledger()] == [201, 201]
    queued.refresh_from_db()
    assert (queued.state, queued.fence) == ("succeeded", 1)


@pytest.mark.databases
def test_many_clicks_on_run_start_it_once(
    transactional_db: None, actor: Actor, tenant_at_sandbox: Tenant, draft: Setup, wake_ups: list[str]
) -> None:
    at_once(lambda: start_setup(actor, draft))
    assert wake_ups == [str(draft.pk)]
    assert draft.steps.count() == 2
    assert verbs(tenant_at_sandbox).count("setup.started") == 1


@pytest.mark.databases
def test_many_clicks_on_resume_while_workers_run_it_send_nothing_twice(
    transactional_db: None, actor: Actor, queued: Setup, sandbox: Control
) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    kaleyra.run(queued)

    def click_and_run() -> None:
        resume_setup(actor, queued)
        engine.run(queued.pk)

    at_once(click_and_run)
    assert [line["status"] for line in sandbox.ledger()] == [201, 401, 201]


@pytest.mark.databases
def test_many_people_begin_one_draft(
    transactional_db: None, actor: Actor, tenant_at_sandbox: Tenant, wake_ups: list[str]
) -> None:
    at_once(lambda: begin_setup(actor, tenant_at_sandbox, "kaleyra"))
    assert Setup.objects.count() == 1


def test_a_running_one_is_left_alone(queued: Setup, sandbox: Control) -> None:
    Setup.objects.update(state="running", fence=1, lease_until=timezone.now() + timedelta(seconds=30))
    assert kaleyra.run(queued).fence == 1
    assert sandbox.ledger() == []


def test_one_that_waits_is_not_taken_early(queued: Setup, sandbox: Control) -> None:
    Setup.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=30))
    assert kaleyra.run(queued).state == "queued"
    assert sandbox.ledger() == []


def test_an_expired_lease_is_taken_over_and_the_dead_workers_call_stays_open(queued: Setup, sandbox: Control) -> None:
    died_while_sending(queued)
    assert kaleyra.run(queued).state == "succeeded"
    first, second, third = calls_of(queued)
    assert first.finished_at is None
    assert (second.status, third.status) == (201, 201)
    assert (step_of(queued, "SMS").attempts, queued.fence) == (2, 2)


@pytest.mark.parametrize(
    "moved",
    [
        pytest.param({"lease_until": timezone.now() + timedelta(hours=1)}, id="its worker was slow, and goes on"),
        pytest.param({"fence": 7}, id="another has taken it over"),
        pytest.param({"state": "failed"}, id="it has ended"),
    ],
)
def test_one_that_moves_between_the_look_and_the_claim_is_left_alone(queued: Setup, moved: dict[str, object]) -> None:
    died_while_sending(queued)
    found = claims.load_run(queued.pk, timezone.now())
    assert found is not None
    engine.prepare_requests(found)
    Setup.objects.filter(pk=queued.pk).update(**moved)
    before = Setup.objects.filter(pk=queued.pk).values().get()
    assert engine.begin(found) is None
    assert Setup.objects.filter(pk=queued.pk).values().get() == before
    assert len(calls_of(queued)) == step_of(queued, "SMS").attempts == 1


def test_a_conflict_after_a_dead_workers_request_does_not_prove_that_we_created_it(
    queued: Setup, sandbox: Control
) -> None:
    died_while_sending(queued)
    sandbox.fault("conflict")
    kaleyra.run(queued)
    assert step_of(queued, "SMS").state == "found"


def test_a_worker_paused_beyond_its_lease_moves_nothing_but_leaves_its_answer(
    queued: Setup, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slept(request: Request, secrets: Mapping[str, str]) -> Answer:
        """The request is out; while its worker sleeps, another takes over and finishes."""
        monkeypatch.setattr(engine, "send", send)
        answer = send(request, secrets)
        Setup.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        engine.run(queued.pk)
        return answer

    monkeypatch.setattr(engine, "send", slept)
    kaleyra.run(queued)
    before = list(queued.steps.values())
    assert [(call.method, call.status) for call in calls_of(queued)] == [
        *(("POST", 201), ("POST", 409), ("GET", 200), ("POST", 201)),
    ]
    assert (queued.state, queued.fence) == ("succeeded", 2)
    assert [step["attempts"] for step in before] == [2, 1]
    assert Service.objects.count() == 2
    assert verbs(queued.tenant).count("service.created") == 2
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["created SMS", "created mGageSMS"]


def test_workers_that_keep_dying_do_not_send_for_ever(queued: Setup, sandbox: Control) -> None:
    for _ in range(5):
        died_while_sending(queued)
    failed = kaleyra.run(queued)
    assert sandbox.ledger() == []
    assert failed.state == "failed"
    assert "5 attempts were made, and the worker of the last one ended" in failed.sentence
    assert verbs(queued.tenant)[-2:] == ["service.refused", "setup.failed"]


def died_while_sending(setup: Setup) -> None:
    """Leave it as a worker does that is killed with its request on the way, once its lease is over."""
    Setup.objects.filter(pk=setup.pk).update(next_attempt_at=None)
    with batch_events():
        assert kaleyra.claimed(setup)[1] is not None
    Setup.objects.filter(pk=setup.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
