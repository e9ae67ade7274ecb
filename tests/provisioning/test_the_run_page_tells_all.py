import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import Visitor, calls_of

POLLING = 'hx-trigger="every 1s"'


def page_of(visitor: Visitor, name: str = "setup") -> str:
    """The run page, or its part that refreshes itself."""
    answer = visitor.client.get(reverse(name, args=[visitor.setup.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_request_stands_there_without_its_secrets(onlooker: Visitor, sandbox: Control) -> None:
    kaleyra.run(onlooker.setup)
    page = page_of(onlooker)
    assert f"POST {sandbox.url}/nexus/v3/provisioning/services/{onlooker.setup.tenant.ccid}/SMS" in page
    assert "x-api-key: $apiKey" in page
    assert "&quot;password&quot;: &quot;$kaleyraPassword&quot;" in page
    assert not [secret for secret in kaleyra.SECRETS.values() if secret in page]


def test_the_answer_its_correlation_id_and_its_duration_stand_there(onlooker: Visitor, sandbox: Control) -> None:
    kaleyra.run(onlooker.setup)
    page = page_of(onlooker)
    for call in calls_of(onlooker.setup):
        assert call.correlation_id
        assert call.correlation_id in page
        assert f'id="call-{call.pk}"' in page
        assert call.duration_ms is not None
    assert "201" in page
    assert "&quot;message&quot;:&quot;ok&quot;" in page.replace(" ", "")
    assert " ms" in page


def test_after_a_failure_it_says_what_to_do(onlooker: Visitor, sandbox: Control) -> None:
    sandbox.fault("unauthorized")
    kaleyra.run(onlooker.setup)
    page = page_of(onlooker)
    assert "The set-up stopped" in page
    assert "Check the key and its permissions." in page
    assert "then resume at the failed step" in page
    assert reverse("setup_resume", args=[onlooker.setup.pk]) in page


def test_what_was_there_before_is_told_in_words(onlooker: Visitor, sandbox: Control) -> None:
    sandbox.fault("conflict", match={"path_contains": "/SMS"})
    kaleyra.run(onlooker.setup)
    page = page_of(onlooker)
    assert "Exists, not verified" in page
    assert "All was sent, but not all is verified" in page


def test_while_it_waits_it_says_until_when(onlooker: Visitor, sandbox: Control) -> None:
    sandbox.fault("unavailable")
    kaleyra.run(onlooker.setup)
    assert "It will try again by itself" in page_of(onlooker)


def test_a_call_whose_worker_died_is_told(onlooker: Visitor, sandbox: Control) -> None:
    kaleyra.run(onlooker.setup)
    first = calls_of(onlooker.setup)[0]
    type(first).objects.filter(pk=first.pk).update(status=None, finished_at=None, duration_ms=None)
    assert "its worker ended before the answer came" in page_of(onlooker)


@pytest.mark.parametrize(
    ("state", "polls"), [("queued", True), ("running", True), ("succeeded", False), ("failed", False)]
)
def test_it_refreshes_itself_only_while_a_worker_has_it(onlooker: Visitor, state: str, polls: bool) -> None:  # noqa: FBT001 - a column of the table
    Setup.objects.update(state=state)
    assert (POLLING in page_of(onlooker)) is polls
    assert (POLLING in page_of(onlooker, "setup_timeline")) is polls


@pytest.mark.parametrize("fault", [None, "unauthorized", "unavailable"])
def test_the_part_that_is_fetched_is_the_pages_own(onlooker: Visitor, sandbox: Control, fault: str | None) -> None:
    if fault:
        sandbox.fault(fault)
    kaleyra.run(onlooker.setup)
    part = without_token(page_of(onlooker, "setup_timeline"))
    assert part.strip().startswith('<div id="run"')
    assert part.strip() in without_token(page_of(onlooker))


def without_token(page: str) -> str:
    """The page without what is new in each: the forms' tokens."""
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_more_attempts_need_no_more_queries(
    onlooker: Visitor, sandbox: Control, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    sandbox.fault("unavailable", times=4)
    setup = kaleyra.run(onlooker.setup)
    page_of(onlooker)  # the part refreshes itself on the page; opening that is what the session remembers
    with django_assert_num_queries(QUERIES):
        page_of(onlooker, "setup_timeline")
    while setup.state == "queued":
        setup = kaleyra.run_when_due(setup)
    assert len(calls_of(setup)) == 6
    with django_assert_num_queries(QUERIES):
        page_of(onlooker, "setup_timeline")


# Session, person, set-up with its tenant, steps, calls, and whether the person may press the buttons.
QUERIES = 6
