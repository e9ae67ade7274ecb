"""Listening to wake-ups, instead of a queue that a live worker listens to."""

import pytest

from portal.evidence.anchoring import TASK as SIGN_A_CHECKPOINT
from portal.wakeups import _WakeUp


def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids of rows that are published from now on; that checkpoints are signed at once is another matter."""
    published: list[str] = []

    def hear(wake_up: _WakeUp) -> None:
        if wake_up.task != SIGN_A_CHECKPOINT:
            published.append(wake_up.row_id)

    monkeypatch.setattr("portal.wakeups._relay_put", hear)
    return published
