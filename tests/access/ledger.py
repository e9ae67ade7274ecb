"""What stands in the database, to be compared before and after a request."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

#: A table, and one row of it as text.
Row = tuple[str, str]
Contents = frozenset[Row]

#: What any request may write, whoever sends it, and why.
BOOKKEEPING = {
    "accounts_session": "who is signed in, and since when they were last seen",
    "audit_event": "that somebody tried what they may not is worth a line",
    "audit_chainhead": "the end of that line's chain",
    "audit_personaltext": "who it was",
    "http_client_call": "a request that left is on record, whatever came of it",
    "operations_heartbeat": "a sign of life of a process",
}


def statements() -> int:
    """How many rows this connection has changed so far; SQLite counts them itself, so nothing slips past."""
    return int(connection.connection.total_changes)


def contents() -> Contents:
    """Every row of every table."""
    with connection.cursor() as cursor:
        return frozenset(_rows(cursor))


def _rows(cursor: Any) -> Iterable[Row]:
    for table in connection.introspection.table_names(cursor):
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - a table of our own
        yield from ((table, "\x1f".join(map(_text, row))) for row in cursor.fetchall())


def _text(value: Any) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def but_bookkeeping(rows: Contents) -> Contents:
    """The rows that a person of no right must not change."""
    return frozenset(row for row in rows if row[0] not in BOOKKEEPING)


@dataclass(frozen=True)
class Changes:
    """What a request did to the rows."""

    lost: Contents
    new: Contents

    @property
    def all(self) -> Contents:
        """Both, but for the bookkeeping."""
        return but_bookkeeping(self.lost | self.new)

    def touching(self, about: Callable[[Row], bool], *, new_ones: bool = True) -> list[str]:
        """The tables whose changed rows are about somebody."""
        rows = self.lost | self.new if new_ones else self.lost
        return sorted({table for table, text in rows if about((table, text))})


NONE = Changes(frozenset(), frozenset())


def about(words: Iterable[str]) -> Callable[[Row], bool]:
    """Recognise a row that holds one of these words; a UUID with its dashes or without."""
    spellings = {spelling for word in words for spelling in (word, word.replace("-", ""))}
    pattern = re.compile("|".join(map(re.escape, sorted(spellings))))
    return lambda row: bool(pattern.search(row[1]))
