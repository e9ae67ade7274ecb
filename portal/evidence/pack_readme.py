"""README of an evidence pack, for the auditor."""

from collections.abc import Mapping

from portal.audit.checkpoints.signing import as_time
from portal.evidence.selection import Selection

_TEXT = """\
EVIDENCE PACK OF THE SMS PORTAL

{period}
Closed by checkpoint {closing} of {closed}.
{events} events in {count} histories:
{histories}

HOW TO VERIFY IT, OFFLINE

    python verify.py PACK.zip
    python verify.py PACK.zip --known-checkpoint FILE

Python 3.10 or later; for the signatures also its package "cryptography". Exit code 0: whole. 1: broken, and it says
where. 2: it could not be judged. Take verify.py from a source that you trust rather than from the pack; that it is the
same file, the portal's operators can tell you.

FILE holds one or more checkpoints that you kept at an earlier time (the portal's page "Evidence" lets you download
them, and its operators keep a folder of them). Without it, the verifier shows that the pack is whole and signed, but
not that the history was not written anew since. Compare the fingerprint of the key with what the operators told you.

WHAT IS IN IT

MANIFEST          what belongs to the pack, with hashes, signed
checkpoints.txt   the signed checkpoints from before the period to the closing one
events.jsonl      the events, one a line: the very bytes that are hashed
people.jsonl      names and addresses with their salts; the events hold only their commitments. An erased one has none
events.csv        the same events as a table
orders.csv, approvals.csv, roles.csv, credentials.csv
                  those rows of events.csv that are about orders, releases and their rules; approvals; people, roles and
                  sign-ins; credentials and keys

In the CSV files every cell is quoted, and one that a spreadsheet would take for a formula begins with an apostrophe;
telephone numbers stay as they are. The verifier compares every row with its event.

The pack holds a little more than the period: it begins and ends at checkpoints, so that nothing of the period can be
missing. Of each history it also holds the last event before.

The formats, and what cannot be found and for how long, are described in docs/history.md of the portal.
"""


def readme(selection: Selection, labels: Mapping[str, str]) -> str:
    """Return the text."""
    begin, end = selection.period.begin, selection.period.end
    bounds = f"From {as_time(begin) if begin else 'the beginning'} to {as_time(end) if end else 'the end'}."
    return _TEXT.format(
        period=bounds,
        closing=selection.closing.number,
        closed=as_time(selection.closing.at),
        events=selection.events,
        count=len(selection.chains),
        histories="\n".join(f"  {_history(labels[chain], chain, *span)}" for chain, span in selection.chains.items()),
    )


def _history(label: str, chain: str, first: int, last: int) -> str:
    events = f"events {first} to {last}" if last else "nothing happened"
    return f"{label} (chain {chain}): {events}"
