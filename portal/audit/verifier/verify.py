"""Evidence pack verifier, offline: `python verify.py PACK [--known-checkpoint FILE]`.

It needs Python 3.10 and the standard library, and the package `cryptography` to check signatures. The exit code is 0 if
the pack is intact, 1 if it is broken (the output says where), and 2 if it cannot be verified. FILE contains one or more
checkpoints that you kept outside the portal; they prove that the history before them was not rewritten since then.

The portal's docs/history.md describes the formats. The portal itself reads and writes them with this file.
"""

import argparse
import base64
import hashlib
import json
import re
import stat
import sys
import zipfile
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import BinaryIO

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    CAN_CHECK_SIGNATURES = False
else:
    CAN_CHECK_SIGNATURES = True

WHOLE, BROKEN, UNUSABLE = 0, 1, 2

EVENT_DOMAIN = b"genesys-sms-portal/audit-event/v1\n"
CHAIN_DOMAIN = b"genesys-sms-portal/chain/v1\n"
CHECKPOINT_ORIGIN = b"genesys-sms-portal/checkpoint/v1"
PACK_ORIGIN = b"genesys-sms-portal/evidence-pack/v1"
KEY_NAME = "sms-portal-history"
SCHEMA_VERSION = 1
NO_CHECKPOINT = "0" * 64
ERASED = "(erased)"

CHUNK = 1 << 16
#: Limits against exhausted memory; no line that the portal writes comes near them.
LONGEST_LINE = 4 << 20
LONGEST_NOTE = 64 << 20
MOST_PEOPLE = 2_000_000
#: Without events the portal signs every hour; a gap of more than two hours deserves a question.
LONGEST_SILENCE = timedelta(hours=2)
MOST_REMARKS = 10
_KEY_BYTES, _KEY_ID_BYTES, _SIGNATURE_BYTES = 32, 4, 64

#: The files of a pack, in the order of the manifest's list. A pack contains no other file but the manifest.
MANIFEST, EVENTS, EVENTS_CSV = "MANIFEST", "events.jsonl", "events.csv"
CHECKPOINTS, PEOPLE = "checkpoints.txt", "people.jsonl"
#: Extracts of events.csv: the rows whose verb is in the set.
EXTRACTS: Mapping[str, frozenset[str]] = {
    name: frozenset(listed.split())
    for name, listed in {
        "orders.csv": """
            order.approved order.cancelled order.comment_changed order.completed order.confirmed order.declined
            order.delayed order.drafted order.heard order.late_answer order.look_asked order.not_placed
            order.placed order.refusal_noted order.refused order.released order.sending order.under_review
            order.unknown order_policy.set order_policy.weakened rate.set release.approved release.asked
            release.declined release.delayed release.done release.kept release.look_asked release.refused
            release.sending release.taken_back release.under_review release.unknown
        """,
        "approvals.csv": """
            order.approved order.declined release.approved release.declined request.answered request.replied
            request.sent request.withdrawn
        """,
        "roles.csv": """
            factor.added factor.recovery_code_used factor.recovery_codes_shown factor.removed
            invitation.accepted invitation.sent invitation.withdrawn passkey.added passkey.removed
            passkey.renamed password.changed password.reset password.reset_asked person.added person.disabled
            person.enabled person.refused person.second_factor_reset person.sign_in_refused person.signed_in
            person.signed_out person.site_administrator_made person.site_administrator_unmade
            person.site_auditor_made person.site_auditor_unmade role.changed role.granted role.withdrawn
            session.ended sign_in.locked sign_on.changed sign_on.connected sign_on.disconnected sign_on.refused
            work.refused
        """,
        "credentials.csv": """
            checkpoint_key.rotated cluster_key.asked cluster_key.made cluster_key.not_made credential.forgotten
            credential.replaced credential.revealed credential.stored keys.promoted keys.rotated
        """,
    }.items()
}
README, VERIFIER = "README.txt", "verify.py"
FILES = (README, VERIFIER, CHECKPOINTS, EVENTS, PEOPLE, EVENTS_CSV, *EXTRACTS)
COLUMNS = (
    *("chain", "number", "time", "verb", "actor kind", "actor", "target type", "target id", "target"),
    *("changes", "reason", "request", "address", "hash"),
)


class Broken(Exception):
    """The pack is not what the portal signed; the message says where."""


class Unusable(Exception):
    """The input cannot be verified."""


# --- keys and signed notes (as in C2SP's signed-note) ---------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public Ed25519 key, written `name+id+base64`."""

    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that identify the key in a signature."""
        return hashlib.sha256(KEY_NAME.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as it is written in a note."""
        encoded = base64.b64encode(b"\x01" + self.public).decode()
        return f"{KEY_NAME}+{self.id.hex()}+{encoded}"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the 32 bytes, in groups that can be read aloud."""
        digits = hashlib.sha256(self.public).hexdigest()
        return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Parse the format of `text`; raises Broken."""
        encoded = [*text.split("+", 2), "", ""][2]
        key = cls(_unbase64(encoded)[1:])
        if len(key.public) != _KEY_BYTES or key.text != text:
            raise Broken("a public key is damaged")
        return key


def _unbase64(text: str) -> bytes:
    """Decode canonical base64; raises Broken for any other encoding of the same bytes."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        raise Broken("base64 is damaged") from None
    if base64.b64encode(decoded).decode() != text:
        raise Broken("base64 is damaged")
    return decoded


@dataclass(frozen=True)
class Note:
    """A signed text: its lines, an empty line, and one line per signature."""

    text: bytes
    signatures: tuple[tuple[bytes, bytes], ...]

    @classmethod
    def parse(cls, raw: bytes) -> "Note":
        """Parse a note; raises Broken."""
        text, _, lines = raw.partition(b"\n\n")
        if not lines.endswith(b"\n"):
            raise Broken("it is cut off")
        return cls(text + b"\n", tuple(cls._signature(line) for line in lines[:-1].split(b"\n")))

    @staticmethod
    def _signature(line: bytes) -> tuple[bytes, bytes]:
        start = f"— {KEY_NAME} ".encode()
        if not line.startswith(start):
            raise Broken("a signature is damaged")
        decoded = _unbase64(line[len(start) :].decode("ascii", "replace"))
        if len(decoded) != _KEY_ID_BYTES + _SIGNATURE_BYTES:
            raise Broken("a signature is damaged")
        return decoded[:_KEY_ID_BYTES], decoded[_KEY_ID_BYTES:]

    def check(self, keys: Sequence[Key]) -> None:
        """Require one signature of each key, in this order; raises Broken.

        Without `cryptography`, checks only the key ids.
        """
        if [key_id for key_id, _ in self.signatures] != [key.id for key in keys]:
            raise Broken("it is not signed by the key that it names")
        if CAN_CHECK_SIGNATURES and not all(
            _signed(key.public, signature, self.text) for key, (_, signature) in zip(keys, self.signatures, strict=True)
        ):
            raise Broken("its signature does not fit")


def _signed(public: bytes, signature: bytes, text: bytes) -> bool:
    try:
        _public_key(public).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=64)
def _public_key(public: bytes) -> "Ed25519PublicKey":
    return Ed25519PublicKey.from_public_bytes(public)


# --- checkpoints ----------------------------------------------------------------------------------------------

_TIME = rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"
_CHECKPOINT = re.compile(
    CHECKPOINT_ORIGIN + rb"\nnumber ([1-9][0-9]{0,17})\ntime (" + _TIME + rb")\nprevious ([0-9a-f]{64})\n"
    rb"key (\S{1,200})\n(?:new-key (\S{1,200})\n)?"
)
_HEAD = re.compile(rb"chain ([0-9a-f]{64}) ([1-9][0-9]{0,17}) ([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Checkpoint:
    """The content of a checkpoint; `heads` are (hashed chain, number, hash) of the chains that have moved."""

    number: int
    time: str
    previous: str
    key: Key
    new_key: Key | None
    heads: Sequence[tuple[bytes, int, bytes]]
    hash: str
    note: Note

    @property
    def next_key(self) -> Key:
        """The key that the next checkpoint must name."""
        return self.new_key or self.key

    @classmethod
    def parse(cls, raw: bytes) -> "Checkpoint":
        """Parse a checkpoint and check its signatures; raises Broken."""
        note = Note.parse(raw)
        start = _CHECKPOINT.match(note.text)
        if start is None:
            raise Broken("its text is damaged")
        number, time, previous, key, new_key = start.groups()
        parsed = cls(
            number=int(number),
            time=time.decode(),
            previous=previous.decode(),
            key=Key.parse(key.decode("ascii", "replace")),
            new_key=Key.parse(new_key.decode("ascii", "replace")) if new_key else None,
            heads=_heads(note.text, start.end()),
            hash=hashlib.sha256(raw).hexdigest(),
            note=note,
        )
        note.check([parsed.key, *([parsed.new_key] if parsed.new_key else [])])
        return parsed

    def require_first(self) -> None:
        """Require that this checkpoint is the first of all; raises Broken."""
        if (self.number, self.previous) != (1, NO_CHECKPOINT):
            raise Broken("those before it are missing")

    def follow(self, last: "Checkpoint") -> None:
        """Require that this checkpoint directly follows `last`; raises Broken."""
        if self.number != last.number + 1:
            raise Broken(f"it follows checkpoint {last.number}: some are missing")
        if self.previous != last.hash:
            raise Broken("it does not carry the hash of the one before it")
        if self.key != last.next_key:
            raise Broken("it names another key than the one before it, which says nothing of a change")
        if self.time < last.time:
            raise Broken("it is older than the one before it")


def _heads(text: bytes, at: int) -> list[tuple[bytes, int, bytes]]:
    heads: list[tuple[bytes, int, bytes]] = []
    while at < len(text):
        line = _HEAD.match(text, at)
        if line is None or (heads and heads[-1][0] >= line[1]):
            raise Broken("its list of chains is damaged")
        heads.append((line[1], int(line[2]), line[3]))
        at = line.end()
    return heads


def notes(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the checkpoints of a file that contains several; the lines are without their newline."""
    note: list[bytes] = []
    size = 0
    for line in lines:
        if line == CHECKPOINT_ORIGIN and note:
            yield b"\n".join(note) + b"\n"
            note, size = [], 0
        note.append(line)
        size += len(line) + 1
        if size > LONGEST_NOTE:
            raise Broken("a checkpoint is too long")
    if note:
        yield b"\n".join(note) + b"\n"


def hashed_chain(chain: str) -> bytes:
    """Return the name of a chain in a checkpoint; hashed, so that it does not reveal other tenants."""
    return hashlib.sha256(CHAIN_DOMAIN + chain.encode()).hexdigest().encode()


class Heads:
    """The heads that checkpoints sign for one chain, in order; 40 bytes each."""

    def __init__(self) -> None:
        self.numbers = array("Q")
        self.hashes = bytearray()

    def add(self, number: int, head: bytes) -> None:
        """Add the next head; raises Broken if the chain moved back."""
        if self.numbers and number <= self.numbers[-1]:
            raise Broken("a chain goes back in it")
        self.numbers.append(number)
        self.hashes += bytes.fromhex(head.decode())

    def hash(self, place: int) -> str:
        """Return the hash at an index of the list."""
        return self.hashes[32 * place : 32 * place + 32].hex()


# --- events and chains ----------------------------------------------------------------------------------------


def event_hash(line: bytes) -> str:
    """Return the hash of an event's bytes, which contain chain, number, version and the hash of the one before."""
    return hashlib.sha256(EVENT_DOMAIN + line).hexdigest()


def commitment_to(text: str, salt: bytes) -> str:
    """Return the salted commitment to a personal text, which replaces it in the events."""
    return hashlib.sha256(salt + text.encode()).hexdigest()


@dataclass
class Chain:
    """The rules of a chain: no number is left out, each event has the hash of the one before, and heads are as signed.

    `number` and `hash` are those of the last event, `place` is the next head of `signed`.
    """

    name: str
    signed: Heads
    number: int = 0
    hash: str = ""
    place: int = 0

    def problems(self, number: int, previous: str, digest: str) -> list[str]:
        """Move on to the next event, and return what is wrong with it."""
        numbers = self.signed.numbers
        follows = number == self.number + 1 and previous == self.hash
        if follows and (self.place == len(numbers) or number < numbers[self.place]):
            self.number, self.hash = number, digest  # most events, and faster than the rest
            return []
        found = []
        if number != self.number + 1:
            found.append(f"{event_name(self.name, number)}: event {self.number + 1} should stand here")
        if previous != self.hash:
            found.append(
                f"{event_name(self.name, number)} does not follow the one before it: one of the two was changed"
            )
        self.number, self.hash = number, digest
        while self.place < len(numbers) and numbers[self.place] <= number:
            if numbers[self.place] < number:
                found.append(f"{event_name(self.name, numbers[self.place])} is missing: a checkpoint names it")
            elif self.signed.hash(self.place) != digest:
                found.append(
                    f"{event_name(self.name, number)} is not what was signed: it, or one before it, was changed"
                )
            self.place += 1
        return found


def event_name(chain: str, number: int) -> str:
    """Return how messages name an event."""
    return f"event {number} of chain {chain}"


# --- the rows of the CSV files --------------------------------------------------------------------------------

#: Signs that begin a formula. Spreadsheets take the wide, small and mathematical forms like the plain ones.
_SIGNS = r"=+\-@\u2212\ufe62\ufe63\ufe66\ufe6b\uff0b\uff0d\uff1d\uff20"
#: White space, control characters and invisible characters: spreadsheets skip or drop them before such a sign.
_SKIPPED = (
    r"\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_RUNS = re.compile(rf"[{_SKIPPED}]*[{_SIGNS}]|[\t\r\n\0']")
_PHONE_NUMBER = re.compile(r"\+[1-9][0-9]{4,14}")
#: Some readers stop at a NUL, so its visible symbol replaces it.
_NUL, _NUL_PICTURE = "\0", "\u2400"
_WORD, _SAFE = "([0-9A-Za-z][0-9A-Za-z_.:-]*|)", rf"""([^"'{_SIGNS}{_SKIPPED}][^"]*|)"""
#: An event before and after its `prev`. Without a backslash its strings are unescaped; nearly all events match.
_BEFORE = re.compile(
    rf'{{"actor":{{"id":(?:null|"[^"]*"),"kind":"{_WORD}","text":"(.{{64}}|)"}},'
    rf'"address":"(.{{64}}|)","at":"{_WORD}","chain":"{_WORD}","changes":({{.*}})'
).fullmatch
_AFTER = re.compile(
    rf'(.{{64}}|)","reason":"{_SAFE}","request":"{_WORD}","seq":([0-9]+),'
    rf'"target":{{"id":"{_WORD}","label":"{_SAFE}","type":"{_WORD}"}},"v":{SCHEMA_VERSION},"verb":"{_WORD}"}}'
).fullmatch
#: Replaces a text that can be erased.
REFERENCE = re.compile(r"\[personal:([0-9a-f]{64})\]")
_CHANGES, _PREVIOUS = ',"changes":', ',"prev":"'


def cell(text: str) -> str:
    """Return a text as the content of a quoted cell: formulas disarmed, telephone numbers unchanged.

    An apostrophe disarms, also a text that begins with one: so removing the first gives the text back.
    """
    return _disarmed(text).replace('"', '""').replace(_NUL, _NUL_PICTURE)


def _disarmed(text: str) -> str:
    return f"'{text}" if _RUNS.match(text) and not _PHONE_NUMBER.fullmatch(text) else text


def csv_line(cells: Sequence[str]) -> bytes:
    """Return a CSV line with every cell quoted."""
    between = '","'.join(map(cell, cells))
    return f'"{between}"\r\n'.encode()


def event_cells(line: bytes) -> tuple[str, ...]:
    """Return an event's fields as cells; damaged JSON raises the usual exceptions of Python.

    The cells are: actor kind, actor, address, time, chain, changes (as in its JSON), previous hash, reason, request,
    number, target id, target, target type, verb. Actor and address are commitments.
    """
    text = line.decode()
    if "\\" not in text:
        head, _, tail = text.rpartition(_PREVIOUS)
        if (before := _BEFORE(head)) and (after := _AFTER(tail)):
            return before.groups() + after.groups()
    event = json.loads(text)
    if event["v"] != SCHEMA_VERSION or type(event["seq"]) is not int:
        raise ValueError("this is no event")
    actor, target = event["actor"], event["target"]
    begin = text.index(_CHANGES) + len(_CHANGES)
    changes = text[begin : text.index(f'{_PREVIOUS}{event["prev"]}","reason":', begin)]
    if type(event["changes"]) is not dict:
        raise ValueError("this is no event")
    return (
        *map(cell, (actor["kind"], actor["text"], event["address"], event["at"], event["chain"])),
        changes,
        *map(cell, (event["prev"], event["reason"], event["request"], str(event["seq"]))),
        *map(cell, (target["id"], target["label"], target["type"], event["verb"])),
    )


def event_row(cells: tuple[str, ...], digest: str, people: Mapping[str, str]) -> str:
    """Return an event's row in events.csv and its extracts; `people` maps commitments, and "", to cells."""
    kind, actor, address, at, chain, changes, _, reason, request, number, target_id, target, target_type, verb = cells
    quoted = _named(changes.replace('"', '""'), people, in_json=True)
    target, reason = _named(target, people), _named(reason, people)
    return (
        f'"{chain}","{number}","{at}","{verb}","{kind}","{people[actor]}","{target_type}","{target_id}","{target}",'
        f'"{quoted}","{reason}","{request}","{people[address]}","{digest}"\r\n'
    )


def _named(text: str, people: Mapping[str, str], *, in_json: bool = False) -> str:
    """Replace the references in a cell by their texts, and disarm the cell if it is a formula only then."""

    def name(found: re.Match[str]) -> str:
        known = people[found[1]]
        return json.dumps(known.replace('""', '"'), ensure_ascii=False)[1:-1].replace('"', '""') if in_json else known

    if "[personal:" not in text:
        return text
    named = REFERENCE.sub(name, text)
    return named if named.startswith("'") else _disarmed(named)


@lru_cache(maxsize=1024)
def extracts_of(verb: str) -> tuple[str, ...]:
    """Return the names of the extracts that contain events of this verb."""
    return tuple(name for name, verbs in EXTRACTS.items() if verb in verbs)


# --- the manifest ---------------------------------------------------------------------------------------------

_MANIFEST = re.compile(
    PACK_ORIGIN + rb"\nmade (" + _TIME + rb")\nfrom (-|" + _TIME + rb")\nto (-|" + _TIME + rb")\nkey (\S{1,200})\n"
    rb"after (0|[1-9][0-9]{0,17})\nuntil ([1-9][0-9]{0,17})\n"
    rb"checkpoints ([1-9][0-9]{0,17}) ([1-9][0-9]{0,17}) ([0-9a-f]{64})\n"
)
_FILE = re.compile(rb"file ([0-9a-f]{64}) (0|[1-9][0-9]{0,9}) (\S{1,40})\n")
_CHAIN = re.compile(rb"chain ([0-9a-z-]{1,36}) (0|[1-9][0-9]{0,17}) (0|[1-9][0-9]{0,17}) ([^\n]*)\n")


@dataclass(frozen=True)
class Manifest:
    """The signed table of contents of a pack; `chains` has the first and last number of each, 0 and 0 for none."""

    made: str
    begin: str
    end: str
    key: Key
    after: int
    until: int
    checkpoints: tuple[int, int]
    last_hash: str
    files: Mapping[str, tuple[str, int]]
    chains: Mapping[str, tuple[int, int]]
    note: Note

    @classmethod
    def parse(cls, raw: bytes) -> "Manifest":
        """Parse the manifest; raises Broken. Its signature is not checked here."""
        note = Note.parse(raw)
        start = _MANIFEST.match(note.text)
        if start is None:
            raise Broken("its text is damaged")
        made, begin, end, key, after, until, first, last, last_hash = (
            group.decode("ascii", "replace") for group in start.groups()
        )
        files, at = _files(note.text, start.end())
        return cls(
            made=made,
            begin="" if begin == "-" else begin,
            end="" if end == "-" else end,
            key=Key.parse(key),
            after=int(after),
            until=int(until),
            checkpoints=(int(first), int(last)),
            last_hash=last_hash,
            files=files,
            chains=_chains(note.text, at),
            note=note,
        )


def _files(text: bytes, at: int) -> tuple[dict[str, tuple[str, int]], int]:
    files = {}
    for name in FILES:
        line = _FILE.match(text, at)
        if line is None or line[3] != name.encode():
            raise Broken("its list of files is damaged")
        files[name] = (line[1].decode(), int(line[2]))
        at = line.end()
    return files, at


def _chains(text: bytes, at: int) -> dict[str, tuple[int, int]]:
    chains: dict[str, tuple[int, int]] = {}
    last = b""
    while at < len(text):
        line = _CHAIN.match(text, at)
        if line is None or line[1] <= last:
            raise Broken("its list of chains is damaged")
        last = line[1]
        chains[last.decode()] = (int(line[2]), int(line[3]))
        at = line.end()
    return chains


# --- the ZIP file: it may be packed anew, but holds the same files ---------------------------------------------

_END = b"PK\5\6"
_END_BYTES = 22


class Archive:
    """The files of a pack, unpacked piece by piece.

    Raises Unusable if the file is no ZIP file, and Broken if it does not hold each file of a pack exactly once.
    """

    def __init__(self, file: BinaryIO) -> None:
        size = file.seek(0, 2)
        if self._read(file, 0, 4) != b"PK\3\4":
            raise Unusable("this is no evidence pack: it is no ZIP file")
        if self._read(file, max(0, size - _END_BYTES), 4) != _END:  # what only some programs would see
            raise Broken("the ZIP file is cut off or was added to")
        try:
            self._zip = zipfile.ZipFile(file)
        except Exception:  # noqa: BLE001 - zipfile raises many kinds of error for damaged files
            raise Broken("the directory of the ZIP file is damaged") from None
        names = [info.orig_filename for info in self._zip.infolist()]
        for name in (*FILES, MANIFEST, *names):
            if names.count(name) != 1 or name not in (*FILES, MANIFEST):
                raise Broken(f"the ZIP file does not hold what a pack holds: look at {name[:40]!r}")
        for info in self._zip.infolist():
            if stat.S_IFMT(info.external_attr >> 16) not in {0, stat.S_IFREG}:
                raise Broken(f"{info.filename} is no plain file")

    @staticmethod
    def _read(file: BinaryIO, offset: int, size: int) -> bytes:
        file.seek(offset)
        return file.read(size)

    def size(self, name: str) -> int:
        """Return the size of a file when it is unpacked; `chunks` yields no more."""
        return self._zip.getinfo(name).file_size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's content. Raises Broken."""
        left = self.size(name)
        try:
            with self._zip.open(name) as opened:
                while chunk := opened.read(CHUNK * 4):
                    left -= len(chunk)
                    yield chunk
        except Exception:  # noqa: BLE001 - as above
            raise Broken(f"{name} cannot be unpacked") from None
        if left:
            raise Broken(f"{name} is shorter than it says")


class Contents:
    """A member that is hashed while it is read."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.name = name
        self._source = archive.chunks(name)
        self._digest = hashlib.sha256()
        self._rest = b""
        self._at = 0

    def _chunks(self) -> Iterator[bytes]:
        for chunk in self._source:
            self._digest.update(chunk)
            yield chunk

    def lines(self) -> Iterator[bytes]:
        """Yield the lines without their newline; raises Broken for an unterminated line."""
        rest = b""
        for chunk in self._chunks():
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            if len(rest) > LONGEST_LINE:
                raise Broken(f"a line of {self.name} is too long")
            yield from lines
        if rest:
            raise Broken(f"{self.name} does not end with a whole line")

    def takes(self, expected: bytes) -> bool:
        """Return whether these bytes come next, and advance past them."""
        end = self._at + len(expected)
        while end > len(self._rest):
            more = next(self._source, b"")
            if not more:
                return False
            self._digest.update(more)
            self._rest = self._rest[self._at :] + more
            self._at, end = 0, len(expected)
        if not self._rest.startswith(expected, self._at):
            return False
        self._at = end
        return True

    def ended(self) -> bool:
        """Return whether the end is reached."""
        return self._at == len(self._rest) and not any(map(len, self._chunks()))

    def hash(self) -> str:
        """Read the rest, and return the hash of the whole content."""
        for _ in self._chunks():
            pass
        return self._digest.hexdigest()


# --- the verification -----------------------------------------------------------------------------------------

#: Exceptions of the standard library for damaged input.
_DAMAGE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, OSError)


@dataclass
class Verdict:
    """The result: code 0 intact, 1 broken, 2 unusable; `problems` are errors, `remarks` are further information."""

    code: int
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the text output, problems first."""
        word = ("WHOLE", "BROKEN", "CANNOT BE JUDGED")[self.code]
        return "".join(f"{line}\n" for line in (word, *self.problems, *self.remarks))


def verify(file: BinaryIO, known: Sequence[bytes] = ()) -> Verdict:
    """Verify the pack in a seekable file against the bytes of known checkpoints; never raises for bad input."""
    try:
        examination = _Examination(Archive(file), [Checkpoint.parse(note) for note in known])
    except Unusable as error:
        return Verdict(UNUSABLE, [sentence(error)])
    except Broken as error:
        return Verdict(BROKEN, [sentence(error)])
    return examination.verdict()


def sentence(problem: object) -> str:
    """Return a problem as a sentence."""
    text = str(problem)
    return text[:1].upper() + text[1:] + "."


class _Examination:
    """Verification of one pack, part by part; an error in one part does not hide errors in the next."""

    def __init__(self, archive: Archive, known: Sequence[Checkpoint]) -> None:
        self.archive = archive
        self.known = {checkpoint.number: checkpoint for checkpoint in known}
        self.heads: dict[bytes, Heads] = {}
        self.people = {"": ""}
        self.keys: list[Key] = []
        self.silences: list[tuple[Checkpoint, Checkpoint]] = []
        self.matched: Checkpoint | None = None
        self.last: Checkpoint | None = None
        self.until_time = ""
        self.events = 0
        self.problems: list[str] = []

    def verdict(self) -> Verdict:
        """Check all parts."""
        if not self._part("MANIFEST", self._read_manifest):
            return Verdict(BROKEN, self.problems)
        parts: tuple[tuple[str, Callable[[], None]], ...] = (
            ("checkpoints", self._look_at_checkpoints),
            ("people.jsonl", self._look_at_people),
            ("events", self._look_at_events),
            ("files", self._look_at_other_files),
            ("MANIFEST", self._look_at_manifest),
            ("known checkpoint", self._look_at_known),
        )
        for name, look in parts:
            self._part(name, look)
        code = BROKEN if self.problems else WHOLE if CAN_CHECK_SIGNATURES else UNUSABLE
        return Verdict(code, self.problems, list(self._remarks()))

    def _part(self, name: str, look: Callable[[], None]) -> bool:
        try:
            look()
        except Broken as error:
            self.problems.append(sentence(error))
            return False
        except _DAMAGE as error:
            self.problems.append(f"The {name} cannot be read ({type(error).__name__}).")
            return False
        return True

    def _read_manifest(self) -> None:
        if self.archive.size(MANIFEST) > LONGEST_NOTE:
            raise Broken("the MANIFEST is damaged")
        try:
            self.manifest = Manifest.parse(b"".join(self.archive.chunks(MANIFEST)))
        except Broken as error:
            raise Broken(f"MANIFEST: {error}") from None
        for name, (_, size) in self.manifest.files.items():
            if self.archive.size(name) > size:
                raise Broken(f"{name} is larger than the MANIFEST says, and was not unpacked")

    def _look_at_checkpoints(self) -> None:
        wanted = {hashed_chain(chain): Heads() for chain in self.manifest.chains}
        self.heads = wanted
        contents = Contents(self.archive, CHECKPOINTS)
        for raw in notes(contents.lines()):
            number = self.last.number + 1 if self.last else self.manifest.checkpoints[0]
            try:
                self._look_at_checkpoint(Checkpoint.parse(raw), wanted)
            except Broken as error:
                raise Broken(f"checkpoint {number}: {error}") from None
        if self.last is None or self.last.number != self.manifest.checkpoints[1]:
            raise Broken(f"checkpoint {self.last.number + 1 if self.last else 1} is missing")
        if self.last.hash != self.manifest.last_hash:
            raise Broken(f"checkpoint {self.last.number}: it is not the one that the MANIFEST names")
        self._compare_hash(contents)

    def _look_at_checkpoint(self, checkpoint: Checkpoint, wanted: Mapping[bytes, Heads]) -> None:
        if self.last is not None:
            checkpoint.follow(self.last)
        else:
            self._look_at_first(checkpoint)
        if self.last is not None and _moment(checkpoint) - _moment(self.last) > LONGEST_SILENCE:
            self.silences.append((self.last, checkpoint))
        if checkpoint.key not in self.keys:
            self.keys.append(checkpoint.key)
        self._compare_known(checkpoint)
        for chain, number, head in checkpoint.heads if self._within(checkpoint) else ():
            if chain in wanted:
                wanted[chain].add(number, head)
        if checkpoint.number == self.manifest.until:
            self.until_time = checkpoint.time
        self.last = checkpoint

    def _within(self, checkpoint: Checkpoint) -> bool:
        return self.manifest.after < checkpoint.number <= self.manifest.until

    def _look_at_first(self, checkpoint: Checkpoint) -> None:
        if checkpoint.number != max(1, self.manifest.after) or checkpoint.number != self.manifest.checkpoints[0]:
            raise Broken("it is not where the pack must begin: some are missing")
        if checkpoint.number == 1:
            checkpoint.require_first()
        if self.manifest.after and not (self.manifest.begin and checkpoint.time <= self.manifest.begin):
            raise Broken("it is later than the beginning of the period")

    def _compare_known(self, checkpoint: Checkpoint) -> None:
        known = self.known.get(checkpoint.number)
        if known is None:
            return
        if known.hash != checkpoint.hash:
            raise Broken("it is not the one that you know: the history was written anew")
        self.matched = checkpoint

    def _look_at_people(self) -> None:
        contents = Contents(self.archive, PEOPLE)
        last = ""
        for count, line in enumerate(contents.lines()):
            entry = json.loads(line)
            commitment, salt, text = entry["commitment"], entry["salt"], entry["text"]
            if count > MOST_PEOPLE or not last < commitment:
                raise Broken("people.jsonl is not in order")
            if text is not None and commitment_to(text, bytes.fromhex(salt)) != commitment:
                raise Broken(f"line {count + 1} of people.jsonl does not fit its commitment")
            self.people[commitment] = ERASED if text is None else cell(text)
            last = commitment
        self._compare_hash(contents)

    def _look_at_events(self) -> None:
        contents = Contents(self.archive, EVENTS)
        lines = contents.lines()
        tables = {name: _Table(self.archive, name) for name in (EVENTS_CSV, *EXTRACTS)}
        try:
            for chain, (first, last) in self.manifest.chains.items():
                self._look_at_chain(chain, first, last, lines, tables)
        finally:
            for table in tables.values():
                table.compare()  # differences in rows before a broken event are reported first
        if next(lines, None) is not None:
            raise Broken("after the last event there is one more")
        for name, table in tables.items():
            if not table.contents.ended():
                raise Broken(f"{name} has lines that no event tells of")
        for each in (contents, *(table.contents for table in tables.values())):
            self._compare_hash(each)

    def _look_at_chain(
        self, chain: str, first: int, last: int, lines: Iterator[bytes], tables: Mapping[str, "_Table"]
    ) -> None:
        heads = self.heads[hashed_chain(chain)]
        if (heads.numbers[-1] if heads.numbers else 0) != last:
            raise Broken(f"{event_name(chain, last)}: the checkpoints say that the chain ends at another number")
        if first > (heads.numbers[0] if heads.numbers else 0) or (last and not first):
            raise Broken(f"{event_name(chain, first)}: events before it are missing")
        checked = Chain(chain, heads, max(first, 1) - 1)
        for number in range(first, last + 1) if last else ():
            self._look_at_event(checked, number, next(lines, None), tables)
        self.events += last - first + 1 if last else 0

    def _look_at_event(self, chain: Chain, number: int, line: bytes | None, tables: Mapping[str, "_Table"]) -> None:
        if line is None:
            raise Broken(f"{event_name(chain.name, number)} is missing")
        digest = event_hash(line)
        try:
            cells = event_cells(line)
            row = event_row(cells, digest, self.people)
        except _DAMAGE as error:
            raise Broken(f"{event_name(chain.name, number)} cannot be read ({type(error).__name__})") from None
        if cells[4] != chain.name or cells[9] != str(number):
            raise Broken(f"{event_name(chain.name, number)}: another event stands in its place")
        if number > 1 and not chain.hash:
            self._look_at_first_event(chain.name, number, cells[3])
            chain.hash = cells[6]
        tables[EVENTS_CSV].expect(row)
        for name in extracts_of(cells[13]):
            tables[name].expect(row)
        for problem in chain.problems(number, cells[6], digest):
            raise Broken(problem)

    def _look_at_first_event(self, chain: str, number: int, at: str) -> None:
        if not (self.manifest.after and at[:19] <= self.manifest.begin[:19]):
            raise Broken(f"{event_name(chain, number)}: events of the period before it are missing")

    def _compare_hash(self, contents: Contents) -> None:
        if (contents.hash(), self.archive.size(contents.name)) != self.manifest.files[contents.name]:
            raise Broken(f"{contents.name} is not the file that the MANIFEST names")

    def _look_at_other_files(self) -> None:
        for name in (README, VERIFIER):
            self._compare_hash(Contents(self.archive, name))

    def _look_at_manifest(self) -> None:
        if self.last is None or self.manifest.key != self.last.next_key:
            raise Broken("MANIFEST: it is signed by another key than the checkpoints")
        if self.manifest.until > self.last.number or self.manifest.made < self.last.time:
            raise Broken("MANIFEST: it contradicts the checkpoints")
        if self.manifest.end and self.until_time < self.manifest.end and self.manifest.until != self.last.number:
            raise Broken("MANIFEST: the pack ends before its period does")
        if self.manifest.end and self.last.time < self.manifest.end:
            raise Broken("MANIFEST: the pack was closed before its period had ended")
        try:
            self.manifest.note.check([self.manifest.key])
        except Broken as error:
            raise Broken(f"MANIFEST: {error}") from None

    def _look_at_known(self) -> None:
        if not self.known or self.last is None:
            return
        newest = self.known[max(self.known)]
        if newest.number > self.last.number and newest.time <= self.manifest.made:
            raise Broken(
                f"the pack ends with checkpoint {self.last.number}, but at that time checkpoint {newest.number} was "
                "there: the end was cut off, or an older copy of the database was put back"
            )
        if self.matched is None and newest.key not in self.keys:
            raise Broken(
                "no checkpoint of the pack is signed with the key of the one that you know. If the key was rotated in "
                "between, compare with a checkpoint of the pack's own time"
            )

    def _remarks(self) -> Iterator[str]:
        manifest = self.manifest
        period = f"from {manifest.begin or 'the beginning'} to {manifest.end or 'the end'}"
        yield f"{self.events} events in {len(manifest.chains)} chains, {period}; made {manifest.made}."
        if self.last is not None:
            yield f"Closed by checkpoint {self.last.number} of {self.last.time}."
        yield from (f"Key fingerprint: {key.fingerprint}" for key in [*self.keys, manifest.key][-1:])
        if len(self.keys) > 1:
            yield f"The key was rotated {len(self.keys) - 1} times within the pack, each time signed by both keys."
        for before, after in self.silences[:MOST_REMARKS]:
            yield f"No checkpoint was signed between {before.time} and {after.time}: ask why the portal stood still."
        if not CAN_CHECK_SIGNATURES:
            yield (
                "SIGNATURES NOT CHECKED: the package `cryptography` is missing here (pip install cryptography). "
                "All else was checked."
            )
        if self.matched is not None:
            yield f"Anchored: checkpoint {self.matched.number} of {self.matched.time} is the one that you know."
        elif self.known:
            yield "NOT ANCHORED: the checkpoints that you know are not of the pack's time."
        else:
            yield (
                "NOT ANCHORED: compare the fingerprint with what the portal's operators told you, and use "
                "--known-checkpoint with a checkpoint that was kept outside the portal."
            )


def _moment(checkpoint: Checkpoint) -> datetime:
    return datetime.fromisoformat(checkpoint.time.removesuffix("Z"))


_ROWS = 200


class _Table:
    """A CSV file and its expected rows; many are compared at once, which is faster."""

    def __init__(self, archive: Archive, name: str) -> None:
        self.contents = Contents(archive, name)
        self._expected: list[str] = []
        if not self.contents.takes(csv_line(COLUMNS)):
            raise Broken(f"the first line of {name} is damaged")

    def expect(self, row: str) -> None:
        """Add an expected row; raises Broken if a comparison finds a difference."""
        expected = self._expected
        expected.append(row)
        if len(expected) >= _ROWS:
            self.compare()

    def compare(self) -> None:
        """Compare the pending rows; raises Broken at the first difference."""
        rows, self._expected = self._expected, []
        if self.contents.takes("".join(rows).encode()):
            return
        for row in rows:
            if not self.contents.takes(row.encode()):
                chain, number = row.split('"', 4)[1:4:2]
                raise Broken(f"event {number} of chain {chain}: {self.contents.name} says something else")


def read_known(raw: bytes) -> list[bytes]:
    """Return the complete checkpoints in a file, without any that was torn by a crash. Raises Unusable."""
    found = []
    for note in notes(iter(raw.removesuffix(b"\n").split(b"\n"))):
        try:
            Checkpoint.parse(note)
        except Broken:
            continue
        found.append(note)
    if not found:
        raise Unusable("the known checkpoint is none")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line, and return the exit code."""
    parser = argparse.ArgumentParser(description="Verifies an evidence pack of the SMS portal, offline.")
    parser.add_argument("pack", help="the ZIP file")
    parser.add_argument("--known-checkpoint", metavar="FILE", help="checkpoints that were kept outside the portal")
    options = parser.parse_args(arguments)
    try:
        known = []
        if options.known_checkpoint:
            with open(options.known_checkpoint, "rb") as file:  # noqa: PTH123 - a script of one file
                known = read_known(file.read())
        with open(options.pack, "rb") as pack:  # noqa: PTH123 - the same
            verdict = verify(pack, known)
    except (Unusable, Broken, OSError) as error:
        verdict = Verdict(UNUSABLE, [sentence(error)])
    sys.stdout.write(verdict.text())
    return verdict.code


if __name__ == "__main__":
    sys.exit(main())
