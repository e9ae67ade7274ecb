"""Integrity check of the whole audit trail: checkpoints, events, heads, personal texts, triggers, checkpoint folder.

It reads the events once in the order of their ids, which is also the order within each chain. Only the heads and the
commitments of personal texts are held in memory.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson
from django.db import DatabaseError, connection, transaction

from portal.audit import canonical, triggers
from portal.audit.checkpoints import folder
from portal.audit.commitment_check import CommitmentCheck
from portal.audit.models import ChainHead, Checkpoint, SignedHead
from portal.audit.verifier import verify

log = logging.getLogger(__name__)

#: Problems reported at most; more would not help anybody.
MOST_PROBLEMS = 20
_BATCH = 500
_ROWS = 2000
_NOTHING = (0, "")
_EVENTS = """
SELECT chain, seq, prev, hash, canonical, at, verb, actor_kind, actor_id, actor_text, target_type, target_id, request_id
FROM audit_event ORDER BY id
"""


@dataclass
class Findings:
    """The result of an integrity check; the audit trail is intact if there are no problems."""

    events: int = 0
    chains: int = 0
    checkpoints: int = 0
    in_folder: int = 0
    last: verify.Checkpoint | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Return whether there are no problems."""
        return not self.problems

    def add(self, problem: str) -> None:
        """Add a problem, up to the limit."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


def verify_database(progress: Callable[[int], None] = lambda _: None) -> Findings:
    """Check everything; `progress` is called from time to time with the number of events read."""
    found = Findings()
    signed: dict[bytes, verify.Heads] = {}
    with _stage(found, "The checkpoints"):
        _look_at_checkpoints(found, signed)
    with _stage(found, "The checkpoint folder"):
        _look_at_folder(found)
    with _stage(found, "The events"):
        _look_at_chains(found, signed, progress)
    with _stage(found, "The triggers"):
        for problem in triggers.problems(connection):
            found.add(problem)
    return found


@contextmanager
def _stage(found: Findings, what: str) -> Iterator[None]:
    """Let one stage stand alone: an error that nobody foresaw is a problem in words, and the other stages go on.

    A database that does not answer proves nothing, so its error ends the whole check.
    """
    try:
        yield
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - as the first line says
        _not_checked(found, what, error)


def _not_checked(found: Findings, what: str, error: Exception) -> None:
    """Add that something could not be checked; the error's own text may hold what can never be erased."""
    if isinstance(error, DatabaseError):
        raise error
    log.error("%s could not be checked", what, exc_info=error)
    found.add(f"{what} could not be checked ({type(error).__name__}). The portal's log says why.")


def _look_at_chains(found: Findings, signed: dict[bytes, verify.Heads], progress: Callable[[int], None]) -> None:
    """Check the events, the ends of their chains, and the personal texts that they name."""
    with _one_view():
        heads = {head.chain: (head.seq, head.hash) for head in ChainHead.objects.all()}
        commitments = CommitmentCheck(found.add)
        commitments.read_texts()
        chains = _look_at_events(found, signed, commitments, progress)
    found.chains = len(chains)
    _look_at_ends(found, heads, chains, signed)
    commitments.finish()


def _one_view() -> AbstractContextManager[Any]:
    """Read PostgreSQL's cursor in a transaction: outside one, the server would first copy the whole result.

    On SQLite a transaction would block every writer.
    """
    return transaction.atomic() if connection.vendor == "postgresql" else nullcontext()


# --- checkpoints ----------------------------------------------------------------------------------------------


def _look_at_checkpoints(found: Findings, signed: dict[bytes, verify.Heads]) -> None:
    """Check each checkpoint and put the heads that they sign into `signed`, by hashed chain."""
    for batch in _batches(Checkpoint.objects.order_by("number").iterator(_BATCH)):
        rows = _signed_rows([checkpoint.number for checkpoint in batch])
        for checkpoint in batch:
            try:
                said = verify.Checkpoint.parse(bytes(checkpoint.note))
                _look_at_checkpoint(checkpoint, said, found.last, rows.get(checkpoint.number, []))
                for chain, number, head in said.heads:
                    signed.setdefault(chain, verify.Heads()).add(number, head)
            except verify.Broken as error:
                found.add(f"Checkpoint {checkpoint.number}: {error}.")
            except Exception as error:  # noqa: BLE001 - whatever one holds, the others are checked
                _not_checked(found, f"Checkpoint {checkpoint.number}", error)
            else:
                found.last = said
            found.checkpoints += 1


def _batches(rows: Iterator[Checkpoint]) -> Iterator[list[Checkpoint]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _signed_rows(numbers: Sequence[int]) -> dict[int, list[tuple[bytes, int, bytes]]]:
    rows: dict[int, list[tuple[bytes, int, bytes]]] = {}
    for row in SignedHead.objects.filter(checkpoint__in=numbers):
        rows.setdefault(row.checkpoint, []).append((verify.hashed_chain(row.chain), row.seq, row.hash.encode()))
    return rows


def _look_at_checkpoint(
    row: Checkpoint,
    said: verify.Checkpoint,
    before: verify.Checkpoint | None,
    signed: list[tuple[bytes, int, bytes]],
) -> None:
    """Compare a checkpoint with the previous one and with the rows that repeat it; raises Broken."""
    if before is not None:
        said.follow(before)
    else:
        said.require_first()
    if (row.number, row.hash) != (said.number, said.hash):
        raise verify.Broken("its row says something else than its text")
    if sorted(signed) != list(said.heads):
        raise verify.Broken("the rows of its heads say something else than its text")


def _look_at_folder(found: Findings) -> None:
    """Compare each complete checkpoint in the folder with the database."""
    try:
        for file in folder.files():
            with file.open("rb") as lines:
                _look_at_file(found, file.name, verify.notes(line.removesuffix(b"\n") for line in lines))
    except folder.FolderTrouble as error:
        found.add(str(error))
    except OSError as error:
        found.add(f"The checkpoint folder cannot be read ({error.strerror}).")


def _look_at_file(found: Findings, name: str, notes: Iterator[bytes]) -> None:
    while batch := list(islice(notes, _BATCH)):
        said = [checkpoint for note in batch if (checkpoint := _whole(note))]
        numbers = [checkpoint.number for checkpoint in said]
        ours = dict(Checkpoint.objects.filter(pk__in=numbers).values_list("number", "hash"))
        found.in_folder += len(said)
        for checkpoint in said:
            if checkpoint.number not in ours:
                found.add(
                    f"Checkpoint {checkpoint.number} of {checkpoint.time} lies outside ({name}), and the database has "
                    "none of that number: its end was cut off, or an older copy was put back."
                )
            elif ours[checkpoint.number] != checkpoint.hash:
                found.add(
                    f"Checkpoint {checkpoint.number} lies outside ({name}) with another text: it was written anew."
                )


def _whole(note: bytes) -> verify.Checkpoint | None:
    """Return the parsed note, or None if it was torn by a crash."""
    try:
        return verify.Checkpoint.parse(note)
    except verify.Broken:
        return None


# --- events ---------------------------------------------------------------------------------------------------


def _look_at_events(
    found: Findings, signed: dict[bytes, verify.Heads], commitments: CommitmentCheck, progress: Callable[[int], None]
) -> dict[str, verify.Chain]:
    chains: dict[str, verify.Chain] = {}
    moment, identity = _ENGINES[connection.vendor]
    for row in _rows(progress):
        name = row[0]
        chain = chains.get(name)
        if chain is None:
            chain = chains[name] = verify.Chain(name, signed.get(verify.hashed_chain(name), verify.Heads()))
        try:
            data = bytes(row[4])
            digest = canonical.digest(data)
            for problem in chain.problems(row[1], row[2], digest):
                found.add(verify.sentence(problem))
            chain.hash = row[3]
            if row[3] != digest:
                found.add(f"Event {row[1]} of chain {name}: its bytes do not match its hash.")
            body = _body_of(row, data, moment, identity)
            if body is None:
                found.add(f"Event {row[1]} of chain {name}: its columns do not match its bytes.")
            else:
                commitments.see(name, row[1], body, data)
        except Exception as error:  # noqa: BLE001 - whatever one event holds, the others are checked
            chain.number, chain.hash = row[1], row[3]
            _not_checked(found, f"Event {row[1]} of chain {name}", error)
        found.events += 1
    return chains


def _rows(progress: Callable[[int], None]) -> Iterator[tuple[Any, ...]]:
    """Yield the events' rows without the ORM, which would take longer than all the rest."""
    seen = 0
    with connection.chunked_cursor() as cursor:
        cursor.execute(_EVENTS)
        while rows := cursor.fetchmany(_ROWS):
            yield from rows
            seen += len(rows)
            progress(seen)


def _body_of(
    row: tuple[Any, ...], data: bytes, moment: Callable[[Any], str], identity: Callable[[Any], str | None]
) -> dict[str, Any] | None:
    """Return the parsed bytes of an event, or None if its columns differ from them."""
    try:
        body: dict[str, Any] = orjson.loads(data)
        actor, target = body["actor"], body["target"]
        matches = (*row[:3], moment(row[5]), row[6], row[7], identity(row[8]), *row[9:]) == (
            *(body["chain"], body["seq"], body["prev"], body["at"], body["verb"], actor["kind"], actor["id"]),
            *(actor["text"], target["type"], target["id"], body["request"]),
        )
        return body if matches and isinstance(body["address"], str) else None
    except (ValueError, KeyError, TypeError):  # tampered bytes need not even be JSON
        return None


def _text_moment(value: Any) -> str:
    return str(value).replace(" ", "T") + "Z"


def _moment(value: Any) -> str:
    return str(value.isoformat()).replace("+00:00", "Z")


def _hex_identity(value: Any) -> str | None:
    return f"{value[:8]}-{value[8:12]}-{value[12:16]}-{value[16:20]}-{value[20:]}" if value else None


def _identity(value: Any) -> str | None:
    return str(value) if value else None


#: Converters from the drivers' times and UUIDs to those in the canonical bytes.
_ENGINES = {"sqlite": (_text_moment, _hex_identity), "postgresql": (_moment, _identity)}


def _look_at_ends(
    found: Findings,
    heads: dict[str, tuple[int, str]],
    chains: dict[str, verify.Chain],
    signed: dict[bytes, verify.Heads],
) -> None:
    """Compare the end of each chain with its head and with the checkpoints; it may have grown meanwhile."""
    ends = {name: (chain.number, chain.hash) for name, chain in chains.items()}
    grown = [name for name, end in ends.items() if heads.get(name) != end]
    now = dict(heads)
    for start in range(0, len(grown), _BATCH):
        for head in ChainHead.objects.filter(chain__in=grown[start : start + _BATCH]):
            now[head.chain] = (head.seq, head.hash)
    for name in sorted({*heads, *ends}):
        if not _ends_well(ends.get(name, _NOTHING), heads.get(name, _NOTHING), now.get(name, _NOTHING)):
            found.add(f"Chain {name} does not end where its head says: at event {ends.get(name, _NOTHING)[0]}.")
    _look_for_cut_ends(found, chains, signed)


def _ends_well(end: tuple[int, str], before: tuple[int, str], now: tuple[int, str]) -> bool:
    """Return whether a chain's end matches the heads read before and after it: it may have grown in between."""
    if end[0] <= before[0]:
        return end == before
    return end == now or end[0] < now[0]


def _look_for_cut_ends(found: Findings, chains: dict[str, verify.Chain], signed: dict[bytes, verify.Heads]) -> None:
    ends = {verify.hashed_chain(name): chain.number for name, chain in chains.items()}
    names = {verify.hashed_chain(name): name for name in chains}
    for hashed, said in signed.items():
        if said.numbers and ends.get(hashed, 0) < said.numbers[-1]:
            name = names.get(hashed, f"with the hash {hashed.decode()}")
            found.add(
                f"Chain {name} was cut off after event {ends.get(hashed, 0)}: a checkpoint names {said.numbers[-1]}."
            )
