"""CSV import of sender IDs, pasted or from a file: reports the errors of all rows at once, with line numbers."""

import csv
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import ValidationError

from senders.actions import SenderFacts
from senders.models import SenderId
from senders.names import PREFIX
from senders.phone_numbers import parse

COLUMNS = ("number", "section", "endpoint", "cxcOnly")
MOST_ROWS = 1_000
LONGEST_TEXT = 200_000
_EXCELS_OWN_LINE = re.compile(r"\A\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_TRUE, _FALSE = {"true", "yes", "1"}, {"", "false", "no", "0"}


@dataclass(frozen=True)
class Row:
    """One row: its line number, its cells, and its errors."""

    line: int
    cells: tuple[str, ...]
    facts: SenderFacts
    errors: list[str] = field(default_factory=list)

    @property
    def warning(self) -> str:
        """Return a warning about the number if the row has no errors."""
        return "" if self.errors else parse(self.facts.number).warning


def read(text: str, tenant_id: UUID, provider: str) -> list[Row]:
    """Parse and check every row of the text; raises ValidationError if there are no rows or too many.

    Columns are number, section, endpoint and cxcOnly, separated by commas, semicolons or tabs; a header row is skipped.
    """
    if len(text) > LONGEST_TEXT:
        raise ValidationError(f"More than {LONGEST_TEXT:,} characters at once are not taken.")
    rows = [_row(line, cells, provider) for line, cells in _lines(text)]
    if not rows or len(rows) > MOST_ROWS:
        raise ValidationError(f"Between 1 and {MOST_ROWS:,} sender IDs at once are taken; here are {len(rows):,}.")
    there = SenderId.objects.filter(tenant_id=tenant_id).values_list("number", "section")
    _find_twice(rows, _number_key, (number for number, _ in there))
    _find_twice(rows, _section_key, (f"{PREFIX}{section}" for _, section in there))
    return rows


def mark(text: str) -> str:
    """Return a short hash of the pasted text, which shows whether it changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def good(rows: list[Row]) -> list[SenderFacts]:
    """Return the fields of the rows without errors."""
    return [row.facts for row in rows if not row.errors]


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    delimiter = next((mark for mark in "\t;" if mark in text), ",")
    before = 0
    if first := _EXCELS_OWN_LINE.match(text):
        text, delimiter, before = text[first.end() :], first[1], 1
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    begins = 1  # a quoted cell may contain line breaks, so a row can span several lines
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and stripped[0].lower() != COLUMNS[0]:
                yield begins + before, stripped
            begins = reader.line_num + 1
    except csv.Error as error:
        raise ValidationError(f"Line {begins + before} cannot be read; check its quotation marks.") from error


def _row(line: int, cells: list[str], provider: str) -> Row:
    number, section, endpoint, cxc_only = (cells + [""] * len(COLUMNS))[: len(COLUMNS)]
    errors = [f"There are {len(cells)} columns; {len(COLUMNS)} are taken."] if len(cells) > len(COLUMNS) else []
    if cxc_only.lower() not in _TRUE | _FALSE:
        errors.append("cxcOnly is true or false.")
    is_cxc_only = cxc_only.lower() in _TRUE
    # If only CX Contact uses the number, no agent answers. Without this, the checks would report every such row.
    facts = SenderFacts(number, section, endpoint, is_cxc_only, agents_answer=not is_cxc_only, provider=provider)
    try:
        facts = facts.normal()
    except ValidationError as error:
        errors += [message for told in error.message_dict.values() for message in told]
    return Row(line, tuple(cells), facts, errors)


def _find_twice(rows: list[Row], key: Callable[[Row], str], there: Iterable[str]) -> None:
    """Add an error to each row whose key is already used by another row or by a sender ID of the tenant."""
    known, first = set(there), dict[str, int]()
    for row in rows:
        if not (own := key(row)):
            continue
        if own in known:
            row.errors.append(f"This tenant has a sender ID with {own} already.")
        elif own in first:
            row.errors.append(f"{own} stands in line {first[own]} already.")
        first.setdefault(own, row.line)


def _number_key(row: Row) -> str:
    try:
        return parse(row.facts.number).digits
    except ValidationError:
        return ""


def _section_key(row: Row) -> str:
    section = row.facts.section.removeprefix(PREFIX)
    return f"{PREFIX}{section}" if section else ""
