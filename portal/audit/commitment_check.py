"""Integrity check of the personal texts beside the chains: every commitment is computed again.

The chains contain only commitments, so they cannot prove the table of names, addresses and salts. This check reads the
table once before the events, and then receives each event while the chains are verified: memory grows with the number
of texts, not of events.

No problem repeats a text or an unknown value: problems are recorded in a chain and could never be erased.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import connection

from portal.audit import canonical, personal
from portal.audit.models import PersonalText
from portal.audit.verbs import Verb

#: Target type of an event that records an erasure; its target id is the commitment.
ERASED_TARGET: Final = "personal text"
_ROWS: Final = 2000
_TEXTS: Final = "SELECT commitment, salt, text, erased_by FROM audit_personaltext"
_COMMITMENT: Final = re.compile("[0-9a-f]{64}")
#: Characters of a commitment that a message shows.
_SHOWN: Final = 12
_KEPT: Final = None
_Row = tuple[str, Any, str | None, str]


class CommitmentCheck:
    """Compares the table of personal texts with the events; `add` receives each problem as a sentence."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        #: Each commitment with the event that its row names as its erasure, or None if the text is kept.
        self._rows: dict[str, str | None] = {}
        self._unnamed: set[str] = set()
        self._absent: set[str] = set()
        self._erasures: dict[str, str] = {}

    def read_texts(self) -> None:
        """Verify the commitment of each row.

        Call it before the events are read, since a text is written before its event.
        """
        for row in _texts():
            self._take(row)
        self._unnamed = set(self._rows)

    def see(self, chain: str, seq: int, body: dict[str, Any], data: bytes) -> None:
        """Process one event: the commitments that it names, also inside its texts, and an erasure that it records."""
        for commitment in (body["actor"]["text"], body["address"], *personal.commitments_in(data)):
            if not commitment:
                continue
            self._unnamed.discard(commitment)
            if commitment not in self._rows and commitment not in self._absent:
                self._look_again(commitment, chain, seq)
        if body["verb"] == Verb.HISTORY_ERASED and body["target"]["type"] == ERASED_TARGET:
            self._erasures[body["target"]["id"]] = f"{chain} #{seq}"

    def finish(self) -> None:
        """Report texts that no event names, and compare erased rows with the recorded erasures."""
        for commitment in sorted(self._unnamed):
            self._add(f"{_name(commitment)} is named by no event: its row was added past the portal.")
        for commitment, place in self._erasures.items():
            if self._rows.get(commitment) != place:
                self._compare_erasure(commitment, place)
        for commitment, erased_by in self._rows.items():
            if erased_by is not _KEPT and commitment not in self._erasures:
                self._add(f"{_name(commitment)} was erased, and no event says so.")

    def _take(self, row: _Row) -> None:
        commitment, salt, text, erased_by = row
        self._rows[commitment] = _KEPT
        if text is None and salt is None:
            self._rows[commitment] = erased_by
        elif text is None or salt is None:
            self._add(f"{_name(commitment)} has lost its {'text' if text is None else 'salt'}, and only that.")
        elif canonical.commit_to(text, bytes(salt)) != commitment:
            self._add(f"{_name(commitment)} does not fit its commitment: the text or its salt was exchanged.")
        elif erased_by:
            self._add(f"{_name(commitment)} is marked as erased, and is still there.")

    def _look_again(self, commitment: str, chain: str, seq: int) -> None:
        """Query a row again that may have been written after the table was read."""
        row = PersonalText.objects.filter(pk=commitment).values_list("commitment", "salt", "text", "erased_by").first()
        if row is not None:
            self._take(row)
            return
        self._absent.add(commitment)
        self._add(f"{_name(commitment)} is missing: event {seq} of chain {chain} names it.")

    def _compare_erasure(self, commitment: str, place: str) -> None:
        """Report a mismatch between a row and its erasure, unless it was erased while the events were read."""
        row = PersonalText.objects.filter(pk=commitment).first()
        if row is None:
            if commitment not in self._absent:
                self._add(f"{_name(commitment)} is missing: {place} says that it was erased.")
        elif row.text is not None or row.salt is not None:
            self._add(f"{_name(commitment)} is still there, and {place} says that it was erased.")
        elif row.erased_by != place:
            self._add(f"{_name(commitment)} was erased by {place}, and its row names another event.")


def _texts() -> Iterator[_Row]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(_TEXTS)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows


def _name(commitment: str) -> str:
    """Return the name of a personal text in a message; an invalid commitment could be a text and is not repeated."""
    if not _COMMITMENT.fullmatch(commitment):
        return "A personal text without a valid commitment"
    return f"The personal text {commitment[:_SHOWN]}…"
