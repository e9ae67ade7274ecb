"""Checking the personal texts beside the chains: every commitment is computed again.

The chained bytes hold only commitments, so the chain alone says nothing of the table that holds names, addresses and
salts. This check reads the table once, before the events, and then sees each event as the verification walks the
chains: memory grows with the number of texts, not with that of events.

No problem here repeats a text or what stands in its place: problems are chained, and could never be erased.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db import connection

from portal.audit import canonical, personal
from portal.audit.models import PersonalText
from portal.audit.verbs import Verb

#: The type of the target of an event that tells of an erasure; its id is the commitment.
ERASED_TARGET: Final = "personal text"
_ROWS: Final = 2000
_TEXTS: Final = "SELECT commitment, salt, text, erased_by FROM audit_personaltext"
_COMMITMENT: Final = re.compile("[0-9a-f]{64}")
#: Part of a commitment that names it in a sentence.
_SHOWN: Final = 12
_KEPT: Final = None
_Row = tuple[str, Any, str | None, str]


class CommitmentCheck:
    """Compares the table of personal texts with the events; `add` takes each problem as a sentence."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        #: Each commitment with the event that its row names as its erasure, or None while the text is kept.
        self._rows: dict[str, str | None] = {}
        self._unnamed: set[str] = set()
        self._absent: set[str] = set()
        self._erasures: dict[str, str] = {}

    def read_texts(self) -> None:
        """Compute the commitment of each row again; events are seen afterwards, since no row comes after its event."""
        for row in _texts():
            self._take(row)
        self._unnamed = set(self._rows)

    def see(self, chain: str, seq: int, body: dict[str, Any], data: bytes) -> None:
        """Take note of what one event names, also inside its texts, and of the erasure that it may tell of."""
        for commitment in (body["actor"]["text"], body["address"], *personal.commitments_in(data)):
            if not commitment:
                continue
            self._unnamed.discard(commitment)
            if commitment not in self._rows and commitment not in self._absent:
                self._look_again(commitment, chain, seq)
        if body["verb"] == Verb.HISTORY_ERASED and body["target"]["type"] == ERASED_TARGET:
            self._erasures[body["target"]["id"]] = f"{chain} #{seq}"

    def finish(self) -> None:
        """Say what no event names, and compare erased rows with the events that tell of an erasure."""
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
        """Look for a row that may have come after the table was read."""
        row = PersonalText.objects.filter(pk=commitment).values_list("commitment", "salt", "text", "erased_by").first()
        if row is not None:
            self._take(row)
            return
        self._absent.add(commitment)
        self._add(f"{_name(commitment)} is missing: event {seq} of chain {chain} names it.")

    def _compare_erasure(self, commitment: str, place: str) -> None:
        """Say what is wrong with the row of an erasure, unless it was erased while the events were read."""
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
    """Return how a sentence names a personal text; what is no commitment could be a text, and is not repeated."""
    if not _COMMITMENT.fullmatch(commitment):
        return "A personal text without a valid commitment"
    return f"The personal text {commitment[:_SHOWN]}…"
