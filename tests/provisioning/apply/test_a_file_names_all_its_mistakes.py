"""Forty-odd kinds of mistakes in one file: each is named with its path and line, and nothing is changed."""

import re
from pathlib import Path

import pytest
from pytest_django import Settings

from portal.devtools.sandbox.control import Control
from tests.provisioning.apply.conftest import NOTHING, Apply, rows

# Each `#!` names the path and a piece of the sentence that must be told about this very line.
MISTAKES = Path(__file__).with_name("mistakes.yaml").read_text()


def expected() -> list[tuple[int, str, str]]:
    """Line, path and piece of the sentence of each mistake."""
    found = []
    for number, line in enumerate(MISTAKES.splitlines(), start=1):
        if "#! " in line:
            path, _, piece = line.split("#! ")[1].partition("|")
            found.append((number, path.strip(), piece.strip()))
    return found


def test_there_are_forty_kinds() -> None:
    assert len(expected()) >= 40


def test_all_are_named_at_their_line_and_nothing_is_changed(
    apply: Apply, sandbox: Control, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.OUTBOUND_LOOPBACK_ONLY = False  # nothing is sent, and addresses are judged as in production
    monkeypatch.setenv("EMPTY_ONE", "")
    applied = apply(re.sub(r" *#!.*", "", MISTAKES))
    assert applied.code == 2
    told = applied.err.splitlines()
    for line, path, piece in expected():
        place = f"{path}, line {line}: " if path else f"line {line}: "
        assert any(each.startswith(place) and piece in each for each in told), f"{place}{piece}\n\n{applied.err}"
    assert told[-1].endswith(f"{len(told) - 1} problems, nothing was changed.")
    assert (rows(), sandbox.ledger()) == (NOTHING, [])


def test_no_value_of_a_secret_is_repeated(apply: Apply) -> None:
    text = MISTAKES.replace("1e5 ", '"${ACME_KALEYRA_PASSWORD}" ').replace("not-a-uuid", "a-canary-of-a-key")
    applied = apply(re.sub(r" *#!.*", "", text))
    assert "canary" not in applied.err
    assert "pa$$word" not in applied.err
