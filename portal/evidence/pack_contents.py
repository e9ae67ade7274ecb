"""Evidence pack builder: one pass over the events, with memory that does not grow with their number."""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO

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

_ROWS = 2000
_EVENTS = """
SELECT seq, hash, canonical FROM audit_event WHERE chain = %s AND seq > %s AND seq <= %s ORDER BY seq LIMIT 2000
"""
Progress = Callable[[int, int], None]
_Row = tuple[int, str, bytes]


#: Not every program reads larger ZIP files.
LARGEST = 0xFFFF_FFFE


class TooLarge(RuntimeError):
    """A pack is limited to 4 GB."""

    def __init__(self) -> None:
        super().__init__("The pack would be larger than 4 GB. Choose fewer tenants, or a shorter period.")


class NothingToPack(RuntimeError):
    """There is no checkpoint that could close the pack."""


class Entry:
    """A file that is being written, hashed on the way."""

    def __init__(self, out: BinaryIO, packed: IO[bytes]) -> None:
        self._out = out
        self._packed = packed
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append data; raises TooLarge."""
        self.size += len(data)
        self._digest.update(data)
        self._packed.write(data)
        if self.size > LARGEST or self._out.tell() > LARGEST:
            raise TooLarge

    @property
    def sha256(self) -> str:
        """Return the hash of the content."""
        return self._digest.hexdigest()


class PackWriter:
    """Streams files into a ZIP file, and keeps their hashes and sizes for the manifest."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._zip = zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED)
        self.hashes: dict[str, tuple[str, int]] = {}

    @contextmanager
    def entry(self, name: str) -> Iterator[Entry]:
        """Write the next file, whose size need not be known before."""
        with self._zip.open(name, "w", force_zip64=True) as packed:
            entry = Entry(self._out, packed)
            yield entry
        self.hashes[name] = (entry.sha256, entry.size)

    def add(self, name: str, content: bytes) -> None:
        """Write a small file."""
        with self.entry(name) as entry:
            entry.write(content)

    def copy(self, name: str, source: BinaryIO) -> None:
        """Write a file from its start."""
        source.seek(0)
        with self.entry(name) as entry:
            while chunk := source.read(1 << 16):
                entry.write(chunk)

    def close(self) -> None:
        """Write the central directory."""
        self._zip.close()


def write_pack(out: BinaryIO, labels: Mapping[str, str], period: Period, progress: Progress) -> Selection:
    """Sign a closing checkpoint, and write the pack up to it into a new file.

    `labels` maps chains to their labels; `progress` is called with the events done and the total. Raises KeyUnusable,
    TooLarge and OSError. Must not be called in a transaction.
    """
    closing = signing.make(even_if_quiet=True) or signing.last()
    if closing is None:
        raise NothingToPack("No checkpoint could be signed. Try again in a moment.")
    selection = select(list(labels), period, closing)
    writer = PackWriter(out)
    with ExitStack() as stack:
        stack.callback(writer.close)
        writer.add(verify.README, readme(selection, labels).encode())
        writer.add(verify.VERIFIER, Path(verify.__file__).read_bytes())
        _write_checkpoints(writer, selection)
        tables = {
            name: stack.enter_context(tempfile.TemporaryFile(dir=_folder_of(out)))
            for name in (verify.EVENTS_CSV, *verify.EXTRACTS)
        }
        people = _write_events(writer, selection, tables, progress)
        _write_people(writer, people)
        for name, table in tables.items():
            writer.copy(name, table)
        writer.add(verify.MANIFEST, _manifest(writer, selection, labels))
    return selection


def _folder_of(out: BinaryIO) -> Path | None:
    """Return the folder of the output file: temporary files may need as much space."""
    name = getattr(out, "name", None)
    return Path(name).parent if isinstance(name, str) else None


def _write_checkpoints(writer: PackWriter, selection: Selection) -> None:
    span = Checkpoint.objects.filter(number__gte=selection.first_checkpoint, number__lte=selection.closing.number)
    with writer.entry(verify.CHECKPOINTS) as entry:
        for note in span.order_by("number").values_list("note", flat=True).iterator(_ROWS):
            entry.write(bytes(note))


def _write_events(
    writer: PackWriter, selection: Selection, tables: Mapping[str, BinaryIO], progress: Progress
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


def _write_people(writer: PackWriter, people: Mapping[str, PersonalText]) -> None:
    with writer.entry(verify.PEOPLE) as entry:
        for commitment in sorted(people):
            person = people[commitment]
            salt = bytes(person.salt).hex() if person.salt is not None else None
            line = {"commitment": commitment, "salt": salt, "text": person.text, "erased_by": person.erased_by}
            entry.write(orjson.dumps(line) + b"\n")


def _manifest(writer: PackWriter, selection: Selection, labels: Mapping[str, str]) -> bytes:
    closing = signing.read(selection.closing)
    signer = keys.signer(closing.next_key)
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
        *(f"file {digest} {size} {name}" for name, (digest, size) in writer.hashes.items()),
        *(
            f"chain {chain} {first} {last} {json.dumps(labels[chain])}"
            for chain, (first, last) in selection.chains.items()
        ),
    ]
    text = "".join(f"{line}\n" for line in lines).encode()
    return text + b"\n" + signer.line(text)
