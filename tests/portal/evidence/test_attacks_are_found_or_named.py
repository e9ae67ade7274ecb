"""The owner of the tables, with the triggers gone, against checkpoints that lie outside.

Each attack is found twice: by the verification of the database, and by the verifier in a pack that the portal makes
afterwards, for somebody who kept the checkpoints of before. At the end stand the two that cannot be found, which
`docs/history.md` names.
"""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from django.db import DatabaseError, connection, transaction

from portal.audit import canonical, triggers
from portal.audit.checkpoints import folder, signing
from portal.audit.integrity_check import verify_database
from portal.audit.models import Checkpoint, Event, SignedHead
from portal.audit.verifier.verify import BROKEN, WHOLE, Broken
from tests.portal.audit.conftest import append
from tests.portal.evidence.conftest import ONE, OTHER, Witness, sign
from tests.portal.evidence.packs import judged, made
from tests.support.files import PROJECT

pytestmark = pytest.mark.databases

Sql = Callable[..., int]
CHAIN, OTHERS = str(ONE), str(OTHER)


def event(seq: int, chain: str = CHAIN) -> Event:
    return Event.objects.get(chain=chain, seq=seq)


def rewritten(data: bytes, **facts: Any) -> tuple[bytes, str]:
    """The bytes of an event with other facts, and their hash."""
    changed = canonical.encode(orjson.loads(data) | facts)
    return changed, canonical.digest(changed)


def edit(sql: Sql) -> None:
    data = bytes(event(3).canonical).replace(b"Acme 1", b"Evil 1")
    sql("UPDATE audit_event SET canonical = %s, hash = %s WHERE id = %s", data, canonical.digest(data), event(3).pk)


def delete(sql: Sql) -> None:
    sql("DELETE FROM audit_event WHERE chain = %s AND seq = 3", CHAIN)


def swap(sql: Sql) -> None:
    for before, after in ((2, 99), (3, 2), (99, 3)):
        sql("UPDATE audit_event SET seq = %s WHERE chain = %s AND seq = %s", after, CHAIN, before)


def copy_across_tenants(sql: Sql) -> None:
    """Another tenant's event in the place of one of ours, with its columns made to fit."""
    there = event(4, OTHERS)
    data, digest = rewritten(bytes(there.canonical), chain=CHAIN, prev=event(4).prev)
    sql("UPDATE audit_event SET canonical = %s, hash = %s WHERE id = %s", data, digest, event(4).pk)


def insert(sql: Sql) -> None:
    """An event between two others, with all that follow moved on and hashed anew."""
    sql("UPDATE audit_event SET seq = seq + 100 WHERE chain = %s AND seq > 3", CHAIN)
    add_copy(sql, of=3, at=4)
    sql("UPDATE audit_event SET seq = seq - 99 WHERE chain = %s AND seq > 100", CHAIN)
    hash_anew(sql, 4)


def replay(sql: Sql) -> None:
    """An event once more at the end, as if it had happened twice, and the head moved on."""
    add_copy(sql, of=2, at=6, instead=True)
    hash_anew(sql, 6)


def add_copy(sql: Sql, *, of: int, at: int, instead: bool = False) -> None:
    if instead:
        sql("DELETE FROM audit_event WHERE chain = %s AND seq = %s", CHAIN, at)
    columns = (
        "chain, prev, hash, canonical, at, verb, actor_kind, actor_id, actor_text, target_type, target_id, request_id"
    )
    sql(
        f"INSERT INTO audit_event (seq, {columns}) SELECT %s, {columns} FROM audit_event "  # noqa: S608 - our columns
        "WHERE chain = %s AND seq = %s",
        *(at, CHAIN, of),
    )


def hash_anew(sql: Sql, begin: int) -> None:
    """Make the chain whole again from an event to its end, and its head too: a chain alone cannot show this."""
    events = list(Event.objects.filter(chain=CHAIN, seq__gte=begin).order_by("seq"))
    last = event(begin - 1).hash if begin > 1 else ""
    for each in events:
        data, digest = rewritten(bytes(each.canonical), seq=each.seq, prev=last)
        sql("UPDATE audit_event SET canonical=%s, hash=%s, prev=%s WHERE id=%s", data, digest, last, each.pk)
        last = digest
    sql("UPDATE audit_chainhead SET seq = %s, hash = %s WHERE chain = %s", events[-1].seq, last, CHAIN)


def rehash(sql: Sql) -> None:
    edit(sql)
    hash_anew(sql, 4)


def rehash_and_rewrite_the_signed_rows(sql: Sql) -> None:
    rehash(sql)
    for each in Event.objects.filter(chain=CHAIN):
        sql("UPDATE audit_signedhead SET hash = %s WHERE chain = %s AND seq = %s", each.hash, CHAIN, each.seq)


def truncate(sql: Sql) -> None:
    """The end cut off below a checkpoint, and the head put back."""
    sql("DELETE FROM audit_event WHERE chain = %s AND seq > 3", CHAIN)
    sql("UPDATE audit_chainhead SET seq = 3, hash = %s WHERE chain = %s", event(3).hash, CHAIN)


def drop_a_tenant(sql: Sql) -> None:
    sql("DELETE FROM audit_event WHERE chain = %s", CHAIN)
    sql("DELETE FROM audit_chainhead WHERE chain = %s", CHAIN)


def edit_a_checkpoint(sql: Sql) -> None:
    note = bytes(Checkpoint.objects.get(pk=2).note).replace(b"chain 0", b"chain 1").replace(b"chain f", b"chain e")
    sql("UPDATE audit_checkpoint SET note = %s WHERE number = 2", note + b"x")


def drop_a_checkpoint(sql: Sql) -> None:
    sql("DELETE FROM audit_checkpoint WHERE number = 2")


def restore_an_old_copy(sql: Sql) -> None:
    """Events, heads and checkpoints as they were at checkpoint 2."""
    for chain in (CHAIN, OTHERS):
        sql("DELETE FROM audit_event WHERE chain = %s AND seq > 4", chain)
        sql("UPDATE audit_chainhead SET seq = 4, hash = %s WHERE chain = %s", event(4, chain).hash, chain)
    forget_checkpoints(sql, 2)


def forget_checkpoints(sql: Sql, last: int) -> None:
    sql("DELETE FROM audit_signedhead WHERE checkpoint > %s", last)
    sql("DELETE FROM audit_checkpoint WHERE number > %s", last)


def rewrite_and_sign_with_the_stolen_key(sql: Sql) -> None:
    rehash(sql)
    forget_checkpoints(sql, 0)
    for _ in range(4):
        signing.make(even_if_quiet=True)


ATTACKS = {
    "edit": edit,
    "delete": delete,
    "swap": swap,
    "copy across tenants": copy_across_tenants,
    "insert": insert,
    "replay": replay,
    "rehash": rehash,
    "rehash with the signed rows": rehash_and_rewrite_the_signed_rows,
    "truncate": truncate,
    "drop a tenant": drop_a_tenant,
    "edit a checkpoint": edit_a_checkpoint,
    "drop a checkpoint": drop_a_checkpoint,
    "restore an old copy": restore_an_old_copy,
    "rewrite and sign with the stolen key": rewrite_and_sign_with_the_stolen_key,
}


def test_a_history_that_nobody_attacked_is_whole(witness: Witness) -> None:
    found = verify_database()
    assert (found.problems, found.events, found.chains, found.checkpoints, found.in_folder) == ([], 12, 2, 3, 3)
    assert judged(made(), witness.known).code == WHOLE


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_of_the_owner_is_found(witness: Witness, attack: Sql, name: str) -> None:
    ATTACKS[name](attack)
    assert verify_database().problems != []
    verdict = judged(_pack_or_nothing(), witness.known)
    assert verdict.code == BROKEN, verdict.text()


def _pack_or_nothing() -> bytes:
    """The pack that the portal makes after the attack; where it cannot make one, nobody is deceived either."""
    try:
        return made()
    except Broken:
        return b"PK\3\4" + bytes(100)


@pytest.mark.parametrize("name", ["edit", "delete", "swap", "truncate", "drop a checkpoint"])
def test_with_the_triggers_in_place_it_is_stopped(witness: Witness, name: str) -> None:
    def sql(statement: str, *values: Any) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return int(cursor.rowcount)

    with pytest.raises(DatabaseError, match="the history is append-only"):
        ATTACKS[name](sql)
    assert verify_database().problems == []


def test_an_old_copy_stops_the_folder_from_being_written_on(witness: Witness, attack: Sql) -> None:
    restore_an_old_copy(attack)
    with pytest.raises(folder.FolderTrouble, match="an older copy of the database was put back"):
        folder.append()


# --- what cannot be found, and for how long -------------------------------------------------------------------


def test_what_came_after_the_last_checkpoint_can_be_cut_off_unseen(witness: Witness, attack: Sql) -> None:
    """The window: up to a minute, and nothing for orders, roles, credentials and exports."""
    append(ONE, name="Acme 7")
    attack("DELETE FROM audit_event WHERE chain = %s AND seq = 7", CHAIN)
    attack("UPDATE audit_chainhead SET seq = 6, hash = %s WHERE chain = %s", event(6).hash, CHAIN)
    triggers.create(connection)  # as whoever wants to stay unseen does; a trigger that is missing is found
    assert verify_database().problems == []
    assert "window" in (PROJECT / "docs" / "history.md").read_text()


def test_a_line_that_the_portals_own_role_forges_is_a_line(witness: Witness) -> None:
    """Whoever has the portal's password can add, and what they add stays for ever."""
    append(ONE, name="Never happened")
    sign()
    assert verify_database().problems == []
    assert "forged" in (PROJECT / "docs" / "history.md").read_text()
    assert SignedHead.objects.filter(chain=CHAIN, seq=7).exists()
