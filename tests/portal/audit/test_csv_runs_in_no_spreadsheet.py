import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit import csv_safe
from portal.audit.csv_safe import Column, Kind

TEXT, PHONE = Column("text"), Column("number", Kind.PHONE)


def read(line: str) -> list[str]:
    (cells,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    return cells


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "\x00", "\uff1d", "\uff0b", "\uff0d", "\uff20", " =", "\ufeff=", "\u200b@"],
)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(start: str) -> None:
    (cell,) = read(csv_safe.line([f"{start}1+1"], [TEXT]))
    assert cell.startswith("'")
    assert "\x00" not in cell


@pytest.mark.parametrize("number", ["+18445551212", "+442079460000"])
def test_a_telephone_number_stays_as_it_is_in_its_column_alone(number: str) -> None:
    assert read(csv_safe.line([number, number], [PHONE, TEXT])) == [number, f"'{number}"]


@pytest.mark.parametrize("text", ["+1+1", "+1844555121x", "+", "=1", "+1844\n", "+٠١٢٣٤٥٦"])
def test_what_is_no_number_is_disarmed_in_a_column_of_numbers_too(text: str) -> None:
    assert read(csv_safe.line([text], [PHONE])) == [f"'{text}"]


@pytest.mark.sweep
@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=2, max_size=2))
def test_every_text_comes_back(texts: list[str]) -> None:
    assert [csv_safe.read_cell(cell) for cell in read(csv_safe.line(texts, [TEXT, TEXT]))] == texts


def test_every_cell_is_quoted_and_none_is_empty() -> None:
    assert csv_safe.line([None, 'say "a,b"'], [TEXT, TEXT]) == '"","say ""a,b"""\r\n'
