"""The judge is the sandbox's own catalogue, which says what each of its gateways does right."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.gateway_catalogue import CATALOGUE
from portal.http_client.session import close_sessions
from portal.tenants.models import Tenant
from provisioning.options.custom_gateway import webhook_grading
from tests.provisioning.custom_gateway.gateway import calls_of, draft_at, grades, rehearsed

TITLES = {
    "Answers within 10 s": "in_time",
    "Takes a signed message": "success",
    "Returns a messageId": "message_id",
    "Refuses a wrong signature": "refuses_forgery",
}
# Nothing that came back tells: no answer, an answer too long to read, or the same refusal of both messages.
UNSEEN = {
    "never": {"refuses_forgery", "message_id"},
    "huge": {"in_time", "success"},
    "endless": {"in_time", "success"},
    "refuses_all": {"refuses_forgery", "message_id"},
    "sha256": {"refuses_forgery", "message_id"},
    "rewritten": {"refuses_forgery", "message_id"},
}
NO_2XX = {"inverted", "500", "hostile", "redirect", "redirect_metadata", "slow", "dripped"}
NO_2XX |= {"cuts", "resets", "hangs_up"}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def short_windows(settings: Settings, sandbox: Control, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """All of time a tenth: nobody waits for a gateway that never answers, and 1.1 s is late."""
    settings.OUTBOUND_READ_SECONDS = 1.5
    settings.OUTBOUND_TOTAL_SECONDS = 2
    sandbox.gateway_settings(slow_seconds=1.1)
    monkeypatch.setattr(webhook_grading, "LONGEST_MS", 1_000)
    yield
    close_sessions()


def expected(name: str) -> dict[str, str]:
    """The tone of each grade."""
    gateway = CATALOGUE[name]
    unseen = UNSEEN.get(name, set()) | ({"message_id"} if name in NO_2XX else set())
    return {
        title: "neutral" if right in unseen else "good" if right in gateway.right else "bad"
        for title, right in TITLES.items()
    }


@pytest.mark.parametrize("name", sorted(CATALOGUE))
def test_its_grades_say_what_it_does_right(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str], name: str
) -> None:
    rehearsal = rehearsed(actor, draft_at(actor, tenant_at_sandbox, sandbox, name))
    seen = grades(rehearsal)
    assert {title: seen[title][0] for title in TITLES} == expected(name)
    assert all(sentence for _, sentence in seen.values())
    assert [call.finished_at is not None for call in calls_of(rehearsal)] == [True, True]


def test_the_catalogue_is_the_one_that_the_sandbox_shows(sandbox: Control) -> None:
    assert {gateway["name"]: set(gateway["right"]) for gateway in sandbox.gateways()} == {
        name: gateway.right for name, gateway in CATALOGUE.items()
    }
