"""Listening to wake-ups, instead of a queue that a live worker listens to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from portal.core.tasks import publish
from portal.core.tasks.publish import _Relay, _WakeUp
from portal.evidence.anchoring import TASK as SIGN_A_CHECKPOINT


def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of rows that are published from now on; that checkpoints are signed at once is another matter."""
    published: list[str] = []

    def hear(wake_up: _WakeUp) -> None:
        if wake_up.task != SIGN_A_CHECKPOINT:
            published.append(wake_up.row_id)

    monkeypatch.setattr("portal.core.tasks.publish._relay_put", hear)
    return published


#: What the thread of a relay at rest has in its hands.
IN_HAND = _WakeUp("provisioning.tasks.run_setup", str(UUID(int=0)), 0.0)


@contextmanager
def relay_at_rest(monkeypatch: pytest.MonkeyPatch, *, room: int) -> Iterator[tuple[_Relay, list[_WakeUp]]]:
    """A relay with room for so many messages, whose thread rests over one until the block ends; and what was sent."""
    sent: list[_WakeUp] = []
    taken, go_on = threading.Event(), threading.Event()

    def rest(wake_up: _WakeUp) -> None:
        taken.set()
        go_on.wait(10)
        sent.append(wake_up)

    monkeypatch.setattr(publish, "MOST_WAITING", room)
    monkeypatch.setattr(publish, "_send", rest)
    relay = _Relay()
    monkeypatch.setattr(publish, "_relay", relay)
    relay.put(IN_HAND)
    assert taken.wait(10)
    try:
        yield relay, sent
    finally:
        go_on.set()
        relay.flush()
