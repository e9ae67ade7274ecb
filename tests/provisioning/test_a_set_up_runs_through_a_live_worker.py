"""Real Redis, a real worker process, the sandbox over real HTTP."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from redis import Redis

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.audit.event_lookup import faults
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor, calls_of, step_of
from tests.support.children import Restartable, wait_for
from tests.support.services import StartWorker

pytestmark = pytest.mark.sweep

SERVICES = ["created SMS", "created mGageSMS"]


@pytest.fixture
def ready(transactional_db: None, actor: Actor, tenant_at_sandbox: Tenant) -> Setup:
    """A complete draft that workers can see."""
    return kaleyra.complete_draft(actor, tenant_at_sandbox)


@pytest.fixture
def at_page(ready: Setup, administrator: User, client_of: Callable[[User], Client]) -> Visitor:
    """The administrator before the button that runs it."""
    return Visitor(client_of(administrator), ready)


def succeeded(setup: Setup) -> bool:
    """Say whether it has come to its end."""
    setup.refresh_from_db()
    assert setup.state != "failed", setup.sentence
    return setup.state == "succeeded"


def effects(sandbox: Control) -> list[str]:
    """What really happened in Nexus."""
    return [line["effect"] for line in sandbox.ledger(effects=True)]


@pytest.mark.databases
def test_pressing_run_sets_it_up(worker: Restartable, at_page: Visitor, sandbox: Control) -> None:
    assert at_page.do("start").status_code == 302
    wait_for(lambda: succeeded(at_page.setup), "the set-up")
    assert effects(sandbox) == SERVICES
    assert not list(faults(str(at_page.setup.tenant_id)))


def test_the_message_holds_the_id_and_nothing_else(start_worker: StartWorker, at_page: Visitor, redis: Redis) -> None:
    at_page.do("start")
    wait_for(lambda: redis.llen("setups") == 1, "the message")  # no worker runs that would take it
    message = json.loads(redis.lrange("setups", 0, 0)[0])
    text = json.dumps(message)
    assert message["headers"]["argsrepr"] == f"['{at_page.setup.pk}']"
    assert not [secret for secret in kaleyra.SECRETS.values() if secret in text]
    assert "directtext" not in text


def test_a_passing_failure_is_tried_again_by_itself(worker: Restartable, at_page: Visitor, sandbox: Control) -> None:
    sandbox.fault("unavailable")
    sandbox.fault("reply_lost", match={"path_contains": "mGageSMS"})
    at_page.do("start")
    wait_for(lambda: succeeded(at_page.setup), "the set-up")
    assert effects(sandbox) == SERVICES
    assert step_of(at_page.setup, "mGageSMS").state == "found"  # its secrets cannot be read back


@pytest.mark.databases
def test_a_killed_workers_run_is_finished_by_another_with_each_service_created_once(
    start_worker: StartWorker, start_beat: Callable[..., Restartable], at_page: Visitor, sandbox: Control
) -> None:
    sandbox.fault("slow_first_byte", seconds=30, match={"path_contains": "mGageSMS"})
    windows = {"SETUP_LEASE_SECONDS": "1", "SETUP_REPUBLISH_SECONDS": "0.5", "SWEEP_SECONDS": "0.5"}
    victim = start_worker(**windows)
    at_page.do("start")
    wait_for(lambda: effects(sandbox) == SERVICES, "the request that is not answered")
    victim.kill()
    start_worker(**windows | {"SETUP_LEASE_SECONDS": "10"})  # from a busy one nobody takes over
    start_beat(**windows)
    wait_for(lambda: succeeded(at_page.setup), "the set-up")
    assert effects(sandbox) == SERVICES
    assert [call.status for call in calls_of(at_page.setup)] == [201, None, 409, 200]
    assert step_of(at_page.setup, "mGageSMS").state == "found"  # the same


def test_a_message_that_was_lost_costs_seconds_and_no_work(
    worker: Restartable, start_beat: Callable[..., Restartable], at_page: Visitor, sandbox: Control, wake_ups: list[str]
) -> None:
    at_page.do("start")
    assert wake_ups == [str(at_page.setup.pk)]  # and nobody else hears of it
    start_beat(SWEEP_SECONDS="0.3")
    wait_for(lambda: succeeded(at_page.setup), "the set-up")
    assert effects(sandbox) == SERVICES


def test_a_double_click_on_run_is_one_run(worker: Restartable, at_page: Visitor, sandbox: Control) -> None:
    at_page.do("start")
    assert at_page.do("start").status_code == 302
    wait_for(lambda: succeeded(at_page.setup), "the set-up")
    assert at_page.do("start").status_code == 302
    assert effects(sandbox) == SERVICES
    assert len(sandbox.ledger()) == 2
