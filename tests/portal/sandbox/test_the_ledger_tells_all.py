"""The ledger is the judge: every request is in it, and every effect, however the reply fared."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control, read_ledger


def test_a_line_has_everything_about_its_request(nexus: Any, sandbox: Control, bodies: dict[str, Any]) -> None:
    nexus.create("mGageSMS")
    (line,) = sandbox.ledger()
    assert line["headers"]["x-api-key"] == "key"
    assert line["body"] == bodies["mGageSMS"]  # secrets and all: the tests must be able to see them
    assert abs(datetime.now(UTC) - datetime.fromisoformat(line["time"])).total_seconds() < 60
    assert (line["method"], line["path"], line["query"]) == ("POST", nexus.path("mGageSMS"), "")
    assert (line["status"], line["effect"], line["fault"]) == (201, "created mGageSMS", None)


def test_a_body_that_is_no_json_is_kept_as_text(nexus: Any, sandbox: Control) -> None:
    nexus.create("SMS", b"\xffnot json\n")
    assert sandbox.ledger()[0]["body"] == "\ufffdnot json\n"


@pytest.mark.parametrize("fault", ["reply_lost", "reset_after_effect", "black_hole"])
def test_an_effect_whose_reply_is_lost_is_in_the_ledger(
    wire: Any, sandbox: Control, ledger_file: Path, fault: str
) -> None:
    sandbox.fault(fault)
    assert wire.hear(wire.request("SMS"), 0.3).data == b""
    (line,) = sandbox.ledger(effects=True)
    assert (line["effect"], line["status"], line["fault"]) == ("created SMS", None, fault)
    assert read_ledger(ledger_file)[-1] == line


def test_an_effect_before_a_slow_answer_is_in_the_ledger_at_once(nexus: Any, sandbox: Control, wire: Any) -> None:
    sandbox.fault("slow_first_byte", seconds=60)
    wire.hear(wire.request("SMS"), 0.3)
    assert [line["effect"] for line in sandbox.ledger()] == ["created SMS"]


def test_the_file_outlives_a_reset_and_its_numbers_run_on(nexus: Any, sandbox: Control, ledger_file: Path) -> None:
    nexus.create("SMS")
    sandbox.reset()
    nexus.create("SMS")
    numbers = [line["n"] for line in read_ledger(ledger_file)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [line["n"] for line in sandbox.ledger()] == numbers[-1:]


def test_the_file_is_private(nexus: Any, ledger_file: Path) -> None:
    assert stat.S_IMODE(ledger_file.stat().st_mode) == 0o600


def test_later_lines_can_be_asked_for(nexus: Any, sandbox: Control) -> None:
    nexus.create("SMS")
    first = sandbox.ledger()[0]["n"]
    nexus.create("SMS")
    assert [line["status"] for line in sandbox.ledger(after=first)] == [409]
