import csv
import hashlib
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.verifier import verify

#: All of these are skipped or dropped before a formula by one spreadsheet or another.
SKIPPED = ["", " ", "\t", "\n", "\r\n", "\x0b", "\x1f", "\x7f", "\x85", "\xa0", "\xad", "\u061c", "\u2003", "\u2028"]
SKIPPED += ["\u200b", "\u200e", "\u202e", "\u2060", "\u2066", "\u3000", "\u3164", "\ufe0f", "\ufeff", " \u200b \ufeff"]
SIGNS = ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\ufe66", "\ufe62", "\ufe63", "\ufe6b", "\u2212"]


def read(line: bytes) -> list[str]:
    (cells,) = csv.reader(io.StringIO(line.decode(), newline=""), strict=True)
    return cells


@pytest.mark.parametrize("sign", SIGNS)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(sign: str) -> None:
    texts = [f"{skipped}{sign}1+1" for skipped in SKIPPED]
    assert read(verify.csv_line(texts)) == [f"'{text}" for text in texts]


@pytest.mark.parametrize("start", ["\t", "\r", "\n", "\x00", "'"])
def test_so_does_what_a_spreadsheet_would_drop(start: str) -> None:
    assert read(verify.csv_line([f"{start}text"])) == [f"'{start}text".replace("\x00", "\u2400")]


@pytest.mark.parametrize("number", ["+18445551212", "+442079460000", "+12345", "+123456789012345"])
def test_a_telephone_number_stays_as_it_is(number: str) -> None:
    assert read(verify.csv_line([number])) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "+1+1",
        "+1844555121x",
        "+",
        "=1",
        "+1844\n",
        "+٠١٢٣٤٥٦",
        "+0123456",
        "+1234",
        "+1234567890123456",
        " +18445551212",
    ],
)
def test_what_is_no_telephone_number_is_disarmed(text: str) -> None:
    assert read(verify.csv_line([text])) == [f"'{text}"]


@pytest.mark.parametrize("text", ["", "Acme", " Acme", "a=b", "Łódź", "“quoted”", "(x)", "1+1", " \u200b", "{}", "é-1"])
def test_usual_text_stays_as_it_is(text: str) -> None:
    assert read(verify.csv_line([text])) == [text]


@pytest.mark.sweep
@given(st.lists(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])), min_size=2, max_size=2))
def test_every_text_comes_back(texts: list[str]) -> None:
    assert [each.removeprefix("'") for each in read(verify.csv_line(texts))] == texts


def test_every_cell_is_quoted() -> None:
    assert verify.csv_line(["", 'say "a,b"']) == b'"","say ""a,b"""\r\n'


def row_of(*, label: str = "", reason: str = "", people: dict[str, str] | None = None) -> list[str]:
    """The cells of an event's row."""
    event = {
        "actor": {"id": None, "kind": "system", "text": ""},
        "address": "",
        "at": "2026-11-30T12:00:00.000000Z",
        "chain": "site",
        "changes": {},
        "prev": "0" * 64,
        "reason": reason,
        "request": "",
        "seq": 1,
        "target": {"id": "x", "label": label, "type": "tenant"},
        "v": verify.SCHEMA_VERSION,
        "verb": "tenant.changed",
    }
    line = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
    cells = {"": ""} | {commitment: verify.cell(text) for commitment, text in (people or {}).items()}
    return read(verify.event_row(verify.event_cells(line), "f" * 64, cells).encode())


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("skipped", SKIPPED)
def test_a_row_of_an_event_is_disarmed_by_the_same_rule(skipped: str, sign: str) -> None:
    text = f"{skipped}{sign}1+1"
    row = row_of(label=text, reason=text)
    assert (row[8], row[10]) == (f"'{text}", f"'{text}")


@pytest.mark.parametrize("text", ["+18445551212", "+1 844 555 1212", "'quoted'", " Acme", "Acme"])
def test_a_row_and_a_cell_are_written_alike(text: str) -> None:
    (cell,) = read(verify.csv_line([text]))
    row = row_of(label=text, reason=text)
    assert (row[8], row[10]) == (cell, cell)


@pytest.mark.parametrize(
    ("person", "rest", "shown"),
    [
        ("ann@example.com", " asked", "ann@example.com asked"),
        (" =1+1", "", "' =1+1"),
        ("\u200b", "=1+1", "'\u200b=1+1"),
    ],
)
def test_a_name_makes_no_formula_of_a_cell(person: str, rest: str, shown: str) -> None:
    commitment = hashlib.sha256(person.encode()).hexdigest()
    assert row_of(reason=f"[personal:{commitment}]{rest}", people={commitment: person})[10] == shown


def chain(**heads: str) -> verify.Chain:
    """A chain of which checkpoints have signed these heads."""
    signed = verify.Heads()
    for name, letter in heads.items():
        signed.add(int(name[1:]), letter.encode() * 64)
    return verify.Chain("site", signed)


def test_a_chain_that_is_as_it_was_signed_has_no_problems() -> None:
    checked = chain(n2="b", n3="c")
    events = [(1, "", "a" * 64), (2, "a" * 64, "b" * 64), (3, "b" * 64, "c" * 64), (4, "c" * 64, "d" * 64)]
    assert [checked.problems(*event) for event in events] == [[], [], [], []]
    assert (checked.number, checked.hash, checked.place) == (4, "d" * 64, 2)


@pytest.mark.parametrize(
    ("number", "previous", "digest", "says"),
    [
        (
            1,
            "f" * 64,
            "a" * 64,
            ["event 1 of chain site does not follow the one before it: one of the two was changed"],
        ),
        (2, "", "b" * 64, ["event 2 of chain site: event 1 should stand here"]),
        (
            3,
            "",
            "c" * 64,
            [
                "event 3 of chain site: event 1 should stand here",
                "event 2 of chain site is missing: a checkpoint names it",
            ],
        ),
        (
            2,
            "",
            "f" * 64,
            [
                "event 2 of chain site: event 1 should stand here",
                "event 2 of chain site is not what was signed: it, or one before it, was changed",
            ],
        ),
    ],
)
def test_what_breaks_a_rule_of_the_chain_is_named(number: int, previous: str, digest: str, says: list[str]) -> None:
    assert chain(n2="b").problems(number, previous, digest) == says


def test_only_the_first_checkpoint_has_none_before_it() -> None:
    key = verify.Key(bytes(32))
    note = verify.Note(b"", ())
    first = verify.Checkpoint(1, "", verify.NO_CHECKPOINT, key, None, [], "", note)
    first.require_first()
    for other in (replace(first, number=2), replace(first, previous="a" * 64)):
        with pytest.raises(verify.Broken, match="those before it are missing"):
            other.require_first()
