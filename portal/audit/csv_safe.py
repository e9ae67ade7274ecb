"""CSV that no spreadsheet mistakes for a program: every cell quoted, formulas disarmed, telephone numbers intact.

    columns = [Column("at"), Column("number", Kind.PHONE)]
    yield csv_safe.line([column.name for column in columns], columns)
    yield csv_safe.line(["2026-11-27T10:00:00Z", "+18445551212"], columns)

A text that a spreadsheet would run gets an apostrophe in front, and so does one that begins with an apostrophe already:
so the first apostrophe always comes off, and `read_cell(write_cell(text)) == text` for all text without a NUL.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

# Spreadsheets read the fullwidth forms like the plain ones, and look past white space and invisible signs before them.
_RUNS = re.compile("[\\s\u200b\u200c\u200d\u2060\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n'\x00]")
_PHONE = re.compile(r"\+[1-9][0-9]{4,14}")
#: Some readers end a file at a NUL, so its picture stands for it.
_NUL, _NUL_PICTURE = "\x00", "\u2400"


class Kind(Enum):
    """What a column holds."""

    TEXT = auto()
    PHONE = auto()


@dataclass(frozen=True)
class Column:
    """A column; only in one of numbers does `+18445551212` stay as it is."""

    name: str
    kind: Kind = Kind.TEXT


def line(cells: Sequence[object], columns: Sequence[Column]) -> str:
    """Return one line with its end; None is an empty cell. Raises ValueError if cells and columns are not as many."""
    written = (
        write_cell("" if cell is None else str(cell), kind.kind) for cell, kind in zip(cells, columns, strict=True)
    )
    return ",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in written) + "\r\n"


def write_cell(text: str, kind: Kind = Kind.TEXT) -> str:
    """Return the text as it stands in its cell, without the quotes."""
    if kind is Kind.PHONE and _PHONE.fullmatch(text):
        return text
    safe = f"'{text}" if _RUNS.match(text) else text
    return safe.replace(_NUL, _NUL_PICTURE)


def read_cell(cell: str) -> str:
    """Return the text that `write_cell` was given."""
    return cell.removeprefix("'")
