"""One event or checkpoint that cannot be checked is a problem in words; all others are checked all the same."""

from collections.abc import Callable

import pytest
from django.db import connection

from portal.audit.integrity_check import verify_database
from portal.audit.models import Event
from tests.portal.audit.conftest import append

pytestmark = pytest.mark.django_db

#: A text where bytes belong, which SQLite takes; nobody foresaw it.
_TEXT = "UPDATE audit_event SET canonical = 'text' WHERE id = %s"


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite takes a text for bytes")


def test_the_events_after_one_that_cannot_be_checked_are_checked(
    chain: list[Event], attack: Callable[..., int]
) -> None:
    other = append(None)
    attack(_TEXT, chain[0].pk)
    attack("UPDATE audit_event SET hash = 'x' WHERE id = %s", other.pk)
    found = verify_database()
    assert found.problems[0] == (
        f"Event 1 of chain {chain[0].chain} could not be checked (TypeError). The portal's log says why."
    )
    assert any(f"Event {other.seq} of chain {other.chain}" in problem for problem in found.problems[1:])
    assert (found.events, found.chains) == (6, 2)
    assert any("trigger" in problem for problem in found.problems), "the stage after the events"
