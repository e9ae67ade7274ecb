"""One history's measurements, in a process of its own: `python -m tests.bench.historian append|verify COUNT`.

Prints JSON. The database is the one that DATABASE_URL names; it is migrated first.
"""

import hashlib
import json
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import django

from portal.settings import startup

startup.prepare()
django.setup()

from django.conf import settings  # noqa: E402 - Django's models need it set up
from django.core.management import call_command  # noqa: E402 - the same
from django.db import connection, transaction  # noqa: E402 - the same

from portal.audit.actors import Actor, ActorKind  # noqa: E402 - the same
from portal.audit.checkpoints import signing  # noqa: E402 - the same
from portal.audit.context import acting  # noqa: E402 - the same
from portal.audit.integrity_check import verify_database  # noqa: E402 - the same
from portal.audit.models import ChainHead  # noqa: E402 - the same
from portal.audit.recording import NewEvent, Target, record, record_many  # noqa: E402 - the same
from portal.audit.verbs import Verb  # noqa: E402 - the same
from portal.audit.verifier import verify  # noqa: E402 - the same
from portal.core.tasks.publish import without_messages  # noqa: E402 - the same
from portal.evidence.pack_contents import write_pack  # noqa: E402 - the same
from portal.evidence.selection import Period  # noqa: E402 - the same

TENANTS: Final = [UUID(int=number) for number in range(1, 201)]
BATCH: Final = 5000
ROUND: Final = 250
CHANGES: Final = {"nexus_url": ["https://one.example.com", "https://two.example.com"]}
_COLUMNS = (
    "chain, seq, prev, hash, canonical, at, verb, actor_kind, actor_id, actor_text, target_type, target_id, request_id"
)


def _actor(number: int) -> Actor:
    return Actor(ActorKind.PERSON, f"person{number % 50}@example.com", UUID(int=number % 50 + 1))


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


# --- append ---------------------------------------------------------------------------------------------------


def append(count: int) -> dict[str, Any]:
    """Seconds for a line of history and for a plain INSERT of the same row, each in its own transaction; in rounds."""
    _make_plain_table()
    for tenant in TENANTS:  # so that both write into the same kind of table, and chains and people are known
        _record(tenant, 0)
    rounds = []
    for start in range(0, count, ROUND):
        lines = _seconds(partial(_record_many, start))
        rounds.append((lines, _seconds(partial(_insert_all, _rows(ROUND)))))
    return {"rounds": rounds, "round": ROUND}


def _make_plain_table() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CREATE TABLE plain (LIKE audit_event INCLUDING ALL)")
            return
        cursor.execute("SELECT sql FROM sqlite_master WHERE tbl_name = 'audit_event' AND type IN ('table', 'index')")
        for (sql,) in cursor.fetchall():
            if sql:
                cursor.execute(sql.replace("audit_event", "plain").replace('INDEX "', 'INDEX "plain_'))


def _record(tenant: UUID, number: int) -> None:
    target = Target("tenant", str(tenant), "A tenant")
    with acting("0123456789abcdef", "203.0.113.7"), transaction.atomic():
        record(Verb.TENANT_CHANGED, target, _actor(number), tenant_id=tenant, changes=CHANGES)


def _record_many(start: int) -> None:
    for number in range(start, start + ROUND):
        _record(TENANTS[number % 200], number)


def _insert_all(rows: list[tuple[Any, ...]]) -> None:
    for row in rows:
        _insert(row)


def _rows(count: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM audit_event ORDER BY id DESC LIMIT %s", [count])  # noqa: S608 - ours
        return list(reversed(cursor.fetchall()))


def _insert(row: tuple[Any, ...]) -> None:
    places = ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO plain ({_COLUMNS}) VALUES ({places})", row)  # noqa: S608 - ours


# --- verify ---------------------------------------------------------------------------------------------------


def verification(count: int) -> dict[str, Any]:
    """Seconds and memory for verifying a database and its pack, and for reading and hashing the same bytes."""
    seeding = _seconds(lambda: _seed(count))
    pack = Path(settings.VAR_DIR) / "pack.zip"
    labels = {str(tenant): "A tenant" for tenant in TENANTS}
    results: dict[str, Any] = {"seeding": seeding, "database": [], "pack": [], "memory": [_megabytes()]}
    with pack.open("xb+") as out:
        results["writing"] = _seconds(lambda: write_pack(out, labels, Period(), lambda *_: None))
    results["memory"].append(_megabytes())
    for _ in range(3):
        bare = _seconds(_hash_database)
        results["database"].append((_seconds(lambda: _demand_whole(count)), bare))
    results["memory"].append(_megabytes())
    for _ in range(3):
        bare = _seconds(lambda: _hash_pack(pack))
        results["pack"].append((_seconds(lambda: _demand_whole_pack(pack)), bare))
    results["memory"].append(_megabytes())
    results["size"] = pack.stat().st_size
    pack.unlink()
    return results


def _megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _seed(count: int) -> None:
    for start in range(0, count, BATCH):
        lines = [
            NewEvent(Verb.TENANT_CHANGED, Target("tenant", str(tenant), "A tenant"), tenant, CHANGES)
            for number in range(start, min(start + BATCH, count))
            for tenant in [TENANTS[number % 200]]
        ]
        with acting(f"{start:016x}", f"203.0.113.{start // BATCH % 250}"), transaction.atomic():
            record_many(lines, _actor(start // BATCH))
        if start // BATCH % 10 == 0:
            signing.make()


def _demand_whole(count: int) -> None:
    found = verify_database()
    assert (found.problems, found.events) == ([], count)


def _demand_whole_pack(pack: Path) -> None:
    with pack.open("rb") as file:
        verdict = verify.verify(file)
    assert verdict.code == verify.WHOLE, verdict.text()


def _hash_database() -> None:
    view = transaction.atomic if connection.vendor == "postgresql" else acting
    with view(), connection.chunked_cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM audit_event ORDER BY id")  # noqa: S608 - ours
        while rows := cursor.fetchmany(2000):
            for row in rows:
                hashlib.sha256(verify.EVENT_DOMAIN + row[4]).hexdigest()


def _hash_pack(pack: Path) -> None:
    """Read every file of the pack and hash it, the events line by line."""
    with pack.open("rb") as file:
        archive = verify.Archive(file)
        for name in (*verify.FILES, verify.MANIFEST):
            rest, digest = b"", hashlib.sha256()
            for chunk in archive.chunks(name):
                digest.update(chunk)
                if name == verify.EVENTS:
                    *lines, rest = (rest + chunk).split(b"\n")
                    for line in lines:
                        hashlib.sha256(verify.EVENT_DOMAIN + line).hexdigest()


def main() -> None:
    """Migrate, measure, print."""
    call_command("migrate", verbosity=0, interactive=False)
    assert not ChainHead.objects.exists()
    commands = {"append": append, "verify": verification}
    with without_messages():
        json.dump(commands[sys.argv[1]](int(sys.argv[2])), sys.stdout)


if __name__ == "__main__":
    main()
