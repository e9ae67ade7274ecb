"""Writers that are killed: `python -m tests.faults.writer TENANT_ID KILLS SEED`.

Forks a child that renames the tenant again and again, each time with its line in the history, kills it with `kill -9`
in the middle of its work, looks whether the database is whole, and goes on with the next. Prints a JSON list of what
was wrong: it should be empty.
"""

import itertools
import json
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from uuid import UUID

import django

django.setup()

from django.db import connection  # noqa: E402 - Django's models need it set up

from portal.audit.actors import command_line  # noqa: E402 - the same
from portal.audit.event_lookup import faults, fields  # noqa: E402 - the same
from portal.audit.models import Event  # noqa: E402 - the same
from portal.audit.verbs import Verb  # noqa: E402 - the same
from portal.tenants.actions import edit_tenant  # noqa: E402 - the same
from portal.tenants.models import Tenant  # noqa: E402 - the same

MOST_WRITES, LONGEST_MS = 5, 20


def _name(number: int) -> str:
    return f"Name {number}"


def _write_for_ever(tenant_id: UUID, first: int, acknowledge: int) -> None:
    tenant = Tenant.objects.get(pk=tenant_id)
    for number in itertools.count(first):
        tenant = edit_tenant(command_line(), tenant, name=_name(number))
        os.write(acknowledge, b".")


def _kill_one(tenant_id: UUID, first: int, dice: random.Random) -> int:
    """Let one writer write, kill it, and return how many writes it saw committed."""
    connection.close()  # no connection survives a fork
    heard, acknowledge = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _write_for_ever(tenant_id, first, acknowledge)
        finally:
            os._exit(1)
    os.close(acknowledge)
    seen = sum(len(os.read(heard, 1)) for _ in range(dice.randint(1, MOST_WRITES)))
    time.sleep(dice.uniform(0, LONGEST_MS) / 1000)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := len(os.read(heard, 4096)):  # what it still said before it died
        seen += more
    os.close(heard)
    return seen


def _problems(tenant_id: UUID, committed: int) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        if cursor.fetchall() != [("ok",)]:
            yield "the file is not whole"
    yield from (f"the chain: {fault.problem}" for fault in faults(str(tenant_id)))
    changes = [fields(event)["changes"] for event in Event.objects.filter(verb=Verb.TENANT_CHANGED).order_by("seq")]
    renamed = [change["name"][1] for change in changes]
    if renamed != [_name(number) for number in range(1, len(renamed) + 1)]:
        yield "the history does not tell every name once"
    if Tenant.objects.get(pk=tenant_id).name != renamed[-1]:
        yield "a change stands without its line, or a line without its change"
    if len(renamed) < committed:
        yield f"{committed} writes were committed, {len(renamed)} are there"


def main() -> None:
    """Kill as many writers as asked for."""
    tenant_id, kills, dice = UUID(sys.argv[1]), int(sys.argv[2]), random.Random(sys.argv[3])  # noqa: S311 - a test's
    committed, found = 0, []
    for kill in range(kills):
        committed += _kill_one(tenant_id, committed + 1, dice)
        found += [f"after kill {kill + 1}: {problem}" for problem in _problems(tenant_id, committed)]
        committed = int(
            Tenant.objects.get(pk=tenant_id).name.rpartition(" ")[2]
        )  # the last one may not have been heard
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
