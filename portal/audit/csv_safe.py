"""CSV export with protection from formula injection: every cell is quoted, and phone numbers stay intact.

    columns = [Column("at"), Column("number", Kind.PHONE)]
    yield csv_safe.line([column.name for column in columns], columns)
    yield csv_safe.line(["2026-11-27T10:00:00Z", "+18445551212"], columns)

A text that a spreadsheet would execute gets an apostrophe in front, and so does a text that begins with an apostrophe.
So the first apostrophe can always be removed: `read_cell(write_cell(text)) == text` for every text without NUL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

# Spreadsheets treat the fullwidth signs like the plain ones, and skip white space and invisible characters before them.
_RUNS = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n'\x00]")
_PHONE = re.compile(r"\+[1-9][0-9]{4,14}")
#: Some readers stop at a NUL, so its visible symbol replaces it.
_NUL, _NUL_PICTURE = "\x00", "\u2400"


class Kind(Enum):
    """Types of columns."""

    TEXT = auto()
    PHONE = auto()


@dataclass(frozen=True)
class Column:
    """A column; only in one of type PHONE does `+18445551212` stay unchanged."""

    name: str
    kind: Kind = Kind.TEXT


def line(cells: Sequence[object], columns: Sequence[Column]) -> str:
    """Return one line with its line ending; None is an empty cell. Raises ValueError if the lengths differ."""
    written = (
        write_cell("" if cell is None else str(cell), kind.kind) for cell, kind in zip(cells, columns, strict=True)
    )
    return ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in written) + "\r\n"


def write_cell(text: str, kind: Kind = Kind.TEXT) -> str:
    """Return the content of the cell, without the quotes."""
    if kind is Kind.PHONE and _PHONE.fullmatch(text):
        return text
    safe = f"'{text}" if _RUNS.match(text) else text
    return safe.replace(_NUL, _NUL_PICTURE)


def read_cell(cell: str) -> str:
    """Return the text that was passed to `write_cell`."""
    return cell.removeprefix("'")
