"""Evidence pack builder: one pass over the events, with memory that does not grow with their number."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import orjson
from django.db import connection
from django.utils import timezone

from portal.audit import personal
from portal.audit.checkpoints import keys, signing
from portal.audit.checkpoints.signing import as_time
from portal.audit.models import Checkpoint, PersonalText
from portal.audit.verifier import verify
from portal.evidence.pack_readme import readme
from portal.evidence.selection import Period, Selection, select
from portal.evidence.zip_writer import STORED, ZipWriter

_ROWS = 2000
_EVENTS = """
SELECT seq, hash, canonical FROM audit_event WHERE chain = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT 2000
"""
Progress = Callable[[int, int], None]
_Row = tuple[int, str, bytes]


class NothingToPack(RuntimeError):
    """There is no checkpoint that could close the pack."""


def write_pack(out: BinaryIO, labels: Mapping[str, str], period: Period, progress: Progress) -> Selection:
    """Sign a closing checkpoint, and write the pack up to it into a new file.

    `labels` maps chains to their labels; `progress` is called with the events done and the total. Raises KeyUnusable,
    TooLarge and OSError. Must not be called in a transaction.
    """
    closing = signing.make(even_if_quiet=True) or signing.last()
    if closing is None:
        raise NothingToPack("No checkpoint could be signed. Try again in a moment.")
    selection = select(list(labels), period, closing)
    writer = ZipWriter(out)
    writer.add(verify.README, readme(selection, labels).encode())
    writer.add(verify.VERIFIER, Path(verify.__file__).read_bytes())
    _write_checkpoints(writer, selection)
    with ExitStack() as stack:
        tables = {
            name: stack.enter_context(tempfile.TemporaryFile(dir=_folder_of(out)))
            for name in (verify.EVENTS_CSV, *verify.EXTRACTS)
        }
        people = _write_events(writer, selection, tables, progress)
        _write_people(writer, people)
        for name, table in tables.items():
            writer.copy(name, table)
    writer.add(verify.MANIFEST, _manifest(writer, selection, labels), STORED)
    writer.close()
    return selection


def _folder_of(out: BinaryIO) -> Path | None:
    """Return the folder of the output file: temporary files may need as much space."""
    name = getattr(out, "name", None)
    return Path(name).parent if isinstance(name, str) else None


def _write_checkpoints(writer: ZipWriter, selection: Selection) -> None:
    span = Checkpoint.objects.filter(number__gte=selection.first_checkpoint, number__lte=selection.closing.number)
    with writer.entry(verify.CHECKPOINTS) as entry:
        for note in span.order_by("number").values_list("note", flat=True).iterator(_ROWS):
            entry.write(bytes(note))


def _write_events(
    writer: ZipWriter, selection: Selection, tables: Mapping[str, BinaryIO], progress: Progress
) -> dict[str, PersonalText]:
    """Write the events, and their rows into the CSV tables; return the personal texts that they name."""
    texts: dict[str, PersonalText] = {}
    shown = {"": ""}
    done = 0
    for table in tables.values():
        table.write(verify.csv_line(verify.COLUMNS))
    with writer.entry(verify.EVENTS) as entry:
        for chain, (first, last) in selection.chains.items():
            for rows in _batches(chain, first, last):
                cells = [verify.event_cells(data) for _, _, data in rows]
                named = {cell for each in cells for cell in each[1:3]}
                named |= {text for _, _, data in rows for text in personal.commitments_in(data)}
                _look_up(named, texts, shown)
                entry.write(b"".join(data + b"\n" for _, _, data in rows))
                for each, (_, digest, _) in zip(cells, rows, strict=True):
                    row = verify.event_row(each, digest, shown).encode()
                    for name in (verify.EVENTS_CSV, *verify.extracts_of(each[13])):
                        tables[name].write(row)
                done += len(rows)
                progress(done, selection.events)
    return texts


def _batches(chain: str, first: int, last: int) -> Iterator[list[_Row]]:
    """Yield number, hash and bytes of a chain's events in batches, with no cursor open in between."""
    at = first - 1
    with connection.cursor() as cursor:
        while last and at < last:
            cursor.execute(_EVENTS, [chain, at, last])
            rows = [(seq, digest, bytes(data)) for seq, digest, data in cursor.fetchall()]
            if not rows:
                return  # events were deleted in the meantime: the verifier will report that
            yield rows
            at = rows[-1][0]


def _look_up(named: set[str], texts: dict[str, PersonalText], shown: dict[str, str]) -> None:
    """Load the personal texts of new commitments."""
    missing = sorted(named - shown.keys())
    found = PersonalText.objects.in_bulk(missing)
    for commitment in missing:
        texts[commitment] = found.get(commitment) or PersonalText(commitment=commitment)
        text = texts[commitment].text
        shown[commitment] = verify.ERASED if text is None else verify.cell(text)


def _write_people(writer: ZipWriter, people: Mapping[str, PersonalText]) -> None:
    with writer.entry(verify.PEOPLE) as entry:
        for commitment in sorted(people):
            person = people[commitment]
            salt = bytes(person.salt).hex() if person.salt is not None else None
            line = {"commitment": commitment, "salt": salt, "text": person.text, "erased_by": person.erased_by}
            entry.write(orjson.dumps(line) + b"\n")


def _manifest(writer: ZipWriter, selection: Selection, labels: Mapping[str, str]) -> bytes:
    closing = signing.read(selection.closing)
    signer = keys.signer(closing.next_key)
    archive, length = writer.hash_so_far()
    begin, end = selection.period.begin, selection.period.end
    lines = [
        verify.PACK_ORIGIN.decode(),
        f"made {as_time(max(timezone.now(), selection.closing.at))}",
        f"from {as_time(begin) if begin else '-'}",
        f"to {as_time(end) if end else '-'}",
        f"key {signer.key.text}",
        f"after {selection.after}",
        f"until {selection.until}",
        f"checkpoints {selection.first_checkpoint} {closing.number} {closing.hash}",
        f"archive {archive} {length}",
        *(f"file {digest} {size} {name}" for name, (digest, size) in writer.hashes.items()),
        *(
            f"chain {chain} {first} {last} {json.dumps(labels[chain])}"
            for chain, (first, last) in selection.chains.items()
        ),
    ]
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"\n" + signer.line(text)
