"""Double clicks, 50 at once, the back button, a page that is sent again: it happens once, and nobody gets an error."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from redis import Redis

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.core.tasks import publish
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Setup
from provisioning.runs import engine
from tests.provisioning import kaleyra
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.provisioning.kaleyra import ACCOUNT, Visitor, verbs
from tests.support.cast import new_member
from tests.support.children import Restartable

MANY = 50


@pytest.fixture
def queue(transactional_db: None, redis: Redis, shared_worker: Restartable) -> Redis:
    """The queue, from which nobody takes messages."""
    shared_worker.stop()
    return redis


def press(visitor: Visitor, verb: str, times: int) -> list[int]:
    """Press a button so many times at the same moment; the statuses."""
    url = reverse(f"setup_{verb}", args=[visitor.setup.pk])
    tabs = [second_tab(visitor.client) for _ in range(times)]
    statuses = at_once([lambda tab=tab: tab.post(url).status_code for tab in tabs])  # type: ignore[misc]  # mypy and defaults
    publish._relay.flush()  # noqa: SLF001 - the messages leave from a thread of its own
    return statuses


@pytest.mark.databases
def test_fifty_clicks_on_run_are_one_run_and_one_message(queue: Redis, reviewer: Visitor, sandbox: Control) -> None:
    assert press(reviewer, "start", MANY) == [302] * MANY
    assert queue.llen("setups") == 1
    assert verbs(reviewer.setup.tenant).count("setup.started") == 1
    at_once([lambda: engine.run(reviewer.setup.pk)] * 8)
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["created SMS", "created mGageSMS"]
    done = Setup.objects.get()
    assert (done.state, done.fence) == ("succeeded", 1), "the message was claimed once"


@pytest.mark.databases
def test_two_people_who_resume_at_once_resume_it_once(
    queue: Redis, queued: Setup, onlooker: Visitor, client_of: Callable[[User], Client], sandbox: Control
) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    assert kaleyra.run(queued).state == "failed"
    queue.flushdb()
    colleague = client_of(new_member("colleague", queued.tenant, Role.ADMINISTRATOR))
    url = reverse("setup_resume", args=[queued.pk])
    deeds = [lambda c=client: c.post(url).status_code for client in (onlooker.client, colleague) for _ in range(3)]
    assert at_once(deeds) == [302] * 6
    publish._relay.flush()  # noqa: SLF001 - the same
    assert verbs(queued.tenant).count("setup.resumed") == 1
    assert kaleyra.run(queued).state == "succeeded"
    assert len(sandbox.ledger()) == 3


@pytest.mark.databases
def test_a_double_click_on_save_saves_once_and_goes_on(transactional_db: None, visitor: Visitor) -> None:
    url, typed = visitor.url("account"), ACCOUNT | {"version": "0"}
    tabs = [second_tab(visitor.client) for _ in range(2)]
    answers = at_once([lambda tab=tab: tab.post(url, typed) for tab in tabs])  # type: ignore[misc]  # the same
    assert [answer["Location"] for answer in answers] == [visitor.url("sender")] * 2
    assert Setup.objects.get().version == 1
    assert verbs(visitor.setup.tenant).count("setup.step_saved") == 1


def test_a_page_that_is_sent_again_goes_on(visitor: Visitor) -> None:
    for _ in range(2):
        assert visitor.save("account", ACCOUNT, version=0).status_code == 302
    assert Setup.objects.get().version == 1


@pytest.mark.parametrize("changed", ["kaleyraURL", "kaleyraPassword"])
def test_one_that_says_something_else_is_told(visitor: Visitor, changed: str) -> None:
    visitor.save("account", ACCOUNT, version=0)
    other = ACCOUNT | {changed: f"{ACCOUNT[changed]}x"}
    assert visitor.save("account", other, version=0).status_code == 409


def test_the_same_words_of_somebody_else_are_told(
    visitor: Visitor, tenant: Tenant, client_of: Callable[[User], Client]
) -> None:
    visitor.save("account", ACCOUNT, version=0)
    colleague = Visitor(client_of(new_member("colleague", tenant, Role.ADMINISTRATOR)), visitor.setup)
    assert colleague.save("account", ACCOUNT, version=0).status_code == 409


@pytest.mark.parametrize("verb", ["start", "discard", "resume", "reopen"])
def test_the_back_button_after_the_start_presses_nothing(queue: Redis, reviewer: Visitor, verb: str) -> None:
    reviewer.do("start")
    before = Setup.objects.values().get()
    assert reviewer.client.get(reviewer.do(verb)["Location"], follow=True).status_code == 200
    assert Setup.objects.values().get() == before


def test_the_back_button_after_the_start_keeps_no_secret(queue: Redis, reviewer: Visitor) -> None:
    reviewer.do("start")
    before = Setup.objects.values().get(), list(Credential.objects.order_by("pk").values())
    page = reviewer.client.post(
        reviewer.url("account"), ACCOUNT | {"kaleyraPassword": "late", "version": "3"}, follow=True
    )
    assert "This set-up was started, so its answers cannot change now." in page.content.decode()
    assert (Setup.objects.values().get(), list(Credential.objects.order_by("pk").values())) == before
