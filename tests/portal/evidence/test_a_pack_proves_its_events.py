"""What a pack holds, what the verifier says of it, and where it says that something is wrong."""

import csv
import io
import json
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

from portal.audit import canonical
from portal.audit.checkpoints import keys, signing
from portal.audit.models import SITE_CHAIN, Event
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.audit.verifier import verify
from portal.audit.verifier.verify import BROKEN, EVENTS, UNUSABLE, WHOLE
from portal.evidence import selection
from portal.evidence.selection import Period
from tests.portal.audit.conftest import ANN, append
from tests.portal.evidence.conftest import ONE, OTHER, Witness, sign
from tests.portal.evidence.packs import changed, contents, judged, made, put_together

pytestmark = pytest.mark.databases


def table(pack: bytes, name: str) -> list[list[str]]:
    """The rows of a CSV file in a pack, without the heading."""
    return list(csv.reader(io.StringIO(contents(pack)[name].decode(), newline="")))[1:]


def test_a_pack_holds_the_very_bytes_and_is_whole(witness: Witness) -> None:
    pack = made()
    assert [bytes(event.canonical) for event in Event.objects.order_by("chain", "seq")] == contents(pack)[
        EVENTS
    ].splitlines()
    verdict = judged(pack)
    assert (verdict.code, verdict.problems) == (WHOLE, [])
    assert "12 events in 2 chains" in verdict.text()
    assert "NOT ANCHORED" in verdict.text()
    assert keys.signer().key.fingerprint in verdict.text()


def test_a_known_checkpoint_anchors_it(witness: Witness) -> None:
    verdict = judged(made(), witness.known)
    assert verdict.code == WHOLE
    assert "Anchored: checkpoint 3" in verdict.text()


def test_events_of_the_last_minute_are_signed_by_the_checkpoint_that_closes_it(witness: Witness) -> None:
    append(ONE, name="Newest")
    pack = made()
    assert b"Newest" in contents(pack)[EVENTS]
    assert (judged(pack).code, signing.last().number) == (WHOLE, 4)  # type: ignore[union-attr]  # there are four


def test_a_long_silence_of_the_portal_is_told(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now() + timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: later)
    verdict = judged(made())
    assert verdict.code == WHOLE
    assert "No checkpoint was signed between" in verdict.text()


def test_one_tenants_pack_tells_nothing_of_another(witness: Witness) -> None:
    pack = made({str(ONE): "Acme"})
    assert judged(pack, witness.known).code == WHOLE
    assert all(str(OTHER).encode() not in content for content in contents(pack).values())


def test_a_chain_that_did_not_move_has_no_events(witness: Witness) -> None:
    pack = made({str(ONE): "Acme", SITE_CHAIN: "the site"})
    assert judged(pack).code == WHOLE
    assert "6 events in 2 chains" in judged(pack).text()


def test_a_part_of_the_period_is_proved_from_the_event_before(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MARGIN", timedelta(0))
    begin = timezone.now() + timedelta(seconds=2)
    monkeypatch.setattr(timezone, "now", lambda: begin + timedelta(seconds=1))
    sign()
    append(ONE, name="Within")
    sign()
    pack = made(period=Period(begin=begin))
    assert judged(pack, witness.known[-1:]).code == WHOLE
    assert [json.loads(line)["seq"] for line in contents(pack)[EVENTS].splitlines()] == [6, 7]
    assert contents(pack)["checkpoints.txt"].startswith(witness.known[-1])


def test_a_pack_until_a_day_in_the_past_ends_there_and_is_closed_by_todays_checkpoint(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "MARGIN", timedelta(0))
    end = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: end + timedelta(seconds=90))
    sign()
    append(ONE, name="Later")
    pack = made(period=Period(end=end))
    assert judged(pack).code == WHOLE
    assert b"Later" not in contents(pack)[EVENTS]


# --- where it is broken ---------------------------------------------------------------------------------------


def without(line: int) -> object:
    return lambda data: b"".join(each for at, each in enumerate(data.splitlines(keepends=True)) if at != line)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            lambda data: data.replace(b"Acme 2", b"Evil 2", 1),
            f"Event 2 of chain {ONE}: events.csv says something else.",
        ),
        (without(2), f"Event 3 of chain {ONE}: another event stands in its place."),
        (without(5), f"Event 6 of chain {ONE}: another event stands in its place."),
        (without(11), f"Event 6 of chain {OTHER} is missing."),
        (lambda data: data + b"{}\n", "After the last event there is one more."),
        (lambda data: data[:-1], "Events.jsonl does not end with a whole line."),
    ],
    ids=["edited", "deleted", "the last deleted", "the end cut off", "added", "half a line"],
)
def test_it_says_the_first_bad_number(witness: Witness, change: object, says: str) -> None:
    verdict = judged(changed(made(), EVENTS, change, keys.signer()))  # type: ignore[arg-type]  # any of the above
    assert verdict.code == BROKEN
    assert verdict.problems[0] == says


def test_an_event_that_was_edited_in_all_files_does_not_fit_the_next(witness: Witness) -> None:
    files = contents(made())
    lines = files[EVENTS].splitlines()
    lines[1] = lines[1].replace(b"Acme 2", b"Evil 2")
    old, new = canonical.digest(contents(made())[EVENTS].splitlines()[1]), canonical.digest(lines[1])
    rows = files["events.csv"].splitlines(keepends=True)
    rows[2] = rows[2].replace(b"Acme 2", b"Evil 2").replace(old.encode(), new.encode())
    files |= {EVENTS: b"\n".join(lines) + b"\n", "events.csv": b"".join(rows)}
    problem = f"Event 2 of chain {ONE} is not what was signed: it, or one before it, was changed."
    assert judged(put_together(files)).problems[0] == problem


@pytest.mark.parametrize("name", ["events.csv", "roles.csv", "people.jsonl", "README.txt", "verify.py", "MANIFEST"])
def test_every_other_file_is_checked_too(witness: Witness, name: str) -> None:
    verdict = judged(changed(made(), name, lambda data: data + b"x\n"))
    assert verdict.code == BROKEN
    assert name.lower() in verdict.text().lower()


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (b"number 2\n", b"number 3\n", "Checkpoint 2: it follows checkpoint 1: some are missing."),
        (b"previous ", b"previous 0123456789abcdef", "Checkpoint 2: it does not carry the hash of the one before it."),
        (b"time 2", b"time 1", "Checkpoint 2: it is older than the one before it."),
        (b"\nchain ", b"\nchain 0", "Checkpoint 2: its list of chains is damaged."),
    ],
)
def test_one_checkpoint_signed_anew_with_the_stolen_key_breaks_the_links(
    witness: Witness, before: bytes, after: bytes, says: str
) -> None:
    text = witness.known[1].partition(b"\n\n")[0] + b"\n"
    forged = text.replace(before, after, 1)
    if before == b"previous ":
        forged = text.replace(text[text.index(before) :][: len(after)], after, 1)
    note = forged + b"\n" + keys.signer().line(forged)
    pack = changed(made(), "checkpoints.txt", lambda data: data.replace(witness.known[1], note), keys.signer())
    assert judged(pack).problems[0] == says


def test_a_checkpoint_in_the_middle_signed_anew_does_not_fit_the_next(witness: Witness) -> None:
    text = witness.known[1].partition(b"\n\n")[0] + b"\n"
    forged = text[: text.rindex(b"chain ")]  # one chain less has moved
    note = forged + b"\n" + keys.signer().line(forged)
    pack = changed(made(), "checkpoints.txt", lambda data: data.replace(witness.known[1], note), keys.signer())
    assert judged(pack).problems[0] == "Checkpoint 3: it does not carry the hash of the one before it."


def test_a_pack_of_another_key_is_not_the_portals(witness: Witness, settings: object) -> None:
    forger = keys.parse(keys.new_key_text())
    assert judged(put_together(contents(made()), forger)).code == BROKEN


def test_without_the_package_for_signatures_nothing_is_called_whole(
    witness: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "CAN_CHECK_SIGNATURES", False)
    verdict = judged(made())
    assert (verdict.code, verdict.problems) == (UNUSABLE, [])
    assert "SIGNATURES NOT CHECKED" in verdict.text()
    assert judged(changed(made(), EVENTS, without(2))).code == BROKEN  # type: ignore[arg-type]  # as above


# --- the tables -----------------------------------------------------------------------------------------------


def test_tables_hold_no_formula_and_leave_telephone_numbers_as_they_are(anchored: object) -> None:
    nasty = ["=1+1", "+18445551212", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "＝1", 'a "quoted", one', "two\nlines"]  # noqa: RUF001 - a wide sign on purpose
    with transaction.atomic():
        for text in nasty:
            record(Verb.ROLE_GRANTED, Target("person", "1", text), ANN, tenant_id=ONE, reason=text)
    pack = made()
    assert judged(pack).code == WHOLE
    for name in ("events.csv", "roles.csv"):
        shown = [row[8] for row in table(pack, name)]
        assert [text.removeprefix("'") for text in shown] == nasty
        assert shown[1] == nasty[1]
        assert [text for text in shown if text[:1] in "=-@\t\r＝" or text.startswith("+1+")] == []  # noqa: RUF001 - the same


def test_extracts_hold_the_lines_of_their_kind(anchored: object) -> None:
    kinds = [Verb.ROLE_GRANTED, Verb.CREDENTIAL_STORED, Verb.REQUEST_ANSWERED, Verb.TENANT_CHANGED]
    with transaction.atomic():
        for verb in kinds:
            record(verb, Target("thing", "1", "A thing"), ANN, tenant_id=ONE)
    pack = made()
    found = {name: [row[3] for row in table(pack, name)] for name in ("roles.csv", "credentials.csv", "approvals.csv")}
    assert found == {
        "roles.csv": ["role.granted"],
        "credentials.csv": ["credential.stored"],
        "approvals.csv": ["request.answered"],
    }
    assert [row[5] for row in table(pack, "events.csv")] == [ANN.label] * 4


def test_a_tenants_id_cannot_be_guessed_from_a_checkpoint(witness: Witness) -> None:
    assert all(str(UUID(int=1)).encode() not in note for note in witness.known)


@pytest.mark.parametrize("name", [" =1+1", "\u200b=1+1", "\u3000@SUM(A1)", "\n+1+1", "'=1+1", "+18445551212", "+0844"])
def test_the_tables_of_a_pack_run_in_no_spreadsheet_and_are_still_compared(witness: Witness, name: str) -> None:
    append(ONE, name=name)
    pack = made()
    row = next(row for row in table(pack, "events.csv") if row[8].removeprefix("'") == name)
    assert row[8].startswith("'") == (name != "+18445551212")
    assert judged(pack).code == WHOLE
    assert judged(changed(pack, "events.csv", lambda data: data.replace(b"Acme 2", b" =1+1", 1))).code == BROKEN
