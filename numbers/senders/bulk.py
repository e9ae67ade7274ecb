"""Several sender IDs at once, pasted or from a CSV file: all rows' errors together, with line numbers."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError

from senders.actions import SenderFacts
from senders.models import SenderId

COLUMNS = ("number", "section", "endpoint", "cxcOnly")
MOST_ROWS = 1_000
LONGEST_TEXT = 200_000
_TRUE, _FALSE = {"true", "yes", "1"}, {"", "false", "no", "0"}


@dataclass(frozen=True)
class Row:
    """One line: where it stands, what it says, and what is wrong with it."""

    line: int
    cells: tuple[str, ...]
    facts: SenderFacts | None
    errors: list[str] = field(default_factory=list)


def read(text: str, tenant_id: UUID, provider: str) -> list[Row]:
    """Return every row of the text, checked; raises ValidationError if there is none, or too much.

    Columns are number, section, endpoint and cxcOnly, divided by commas, semicolons or tabs; a heading is passed over.
    """
    if len(text) > LONGEST_TEXT:
        raise ValidationError(f"More than {LONGEST_TEXT:,} characters at once are not taken.")
    rows = [_row(line, cells, provider) for line, cells in _lines(text)]
    if not rows or len(rows) > MOST_ROWS:
        raise ValidationError(f"Paste between 1 and {MOST_ROWS:,} lines.")
    known = set(SenderId.objects.filter(tenant_id=tenant_id).values_list("number", flat=True))
    _find_twice(rows, known)
    return rows


def good(rows: list[Row]) -> list[SenderFacts]:
    """Return the facts of the rows with nothing wrong."""
    return [row.facts for row in rows if row.facts is not None and not row.errors]


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    text = text.removeprefix("\ufeff")
    delimiter = next((mark for mark in "\t;" if mark in text), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and stripped[0].lower() != COLUMNS[0]:
                yield reader.line_num, stripped
    except csv.Error as error:
        raise ValidationError(f"Line {reader.line_num} cannot be read; check its quotation marks.") from error


def _row(line: int, cells: list[str], provider: str) -> Row:
    number, section, endpoint, cxc_only = (cells + [""] * len(COLUMNS))[: len(COLUMNS)]
    errors = [f"There are {len(cells)} columns; {len(COLUMNS)} are taken."] if len(cells) > len(COLUMNS) else []
    if cxc_only.lower() not in _TRUE | _FALSE:
        errors.append("cxcOnly is true or false.")
    facts = SenderFacts(number, section, endpoint, cxc_only.lower() in _TRUE, provider=provider)
    try:
        facts = facts.normal()
    except ValidationError as error:
        errors += [f"{name}: {message}" for name, told in error.message_dict.items() for message in told]
    return Row(line, tuple(cells), facts, errors)


def _find_twice(rows: list[Row], known: set[str]) -> None:
    seen: dict[str, int] = {}
    for row in rows:
        if row.facts is None or row.errors:
            continue
        if row.facts.number in known:
            row.errors.append(f"{row.facts.number} is a sender ID of this tenant already.")
        elif row.facts.number in seen:
            row.errors.append(f"{row.facts.number} stands in line {seen[row.facts.number]} already.")
        seen.setdefault(row.facts.number, row.line)
