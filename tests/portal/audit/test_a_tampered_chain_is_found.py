"""The attacks that a chain alone can show; rewriting all of it is for checkpoints to find."""

from collections.abc import Callable

import pytest

from portal.audit import canonical
from portal.audit.models import Event
from tests.portal.audit.conftest import append, places, problems

pytestmark = pytest.mark.databases

Attack = Callable[..., int]

DOES_NOT_MATCH_ITS_HASH = "its bytes do not match its hash"
DOES_NOT_FOLLOW = "it does not follow the event before it"
COLUMNS = "its columns do not match its bytes"
GAP = "the sequence has a gap"
WRONG_END = "the chain does not end where its head says"


def test_a_chain_that_nobody_touched_is_whole(chain: list[Event], attack: Attack) -> None:
    assert problems() == []


def test_a_chain_that_does_not_exist_has_no_faults(db: None) -> None:
    assert problems("0" * 36) == []


def test_an_edited_event_does_not_match_its_hash(chain: list[Event], attack: Attack) -> None:
    forged = bytes(chain[2].canonical).replace(b"Acme 3", b"Evil 3")
    assert attack("UPDATE audit_event SET canonical = %s WHERE id = %s", forged, chain[2].pk) == 1
    assert problems() == [DOES_NOT_MATCH_ITS_HASH]
    assert places() == {3}


def test_an_edited_event_with_a_fitting_hash_breaks_the_next(chain: list[Event], attack: Attack) -> None:
    forged = bytes(chain[2].canonical).replace(b"Acme 3", b"Evil 3")
    new_hash = canonical.digest(forged)
    attack("UPDATE audit_event SET canonical = %s, hash = %s WHERE id = %s", forged, new_hash, chain[2].pk)
    assert problems() == [DOES_NOT_FOLLOW]
    assert places() == {4}


def test_bytes_that_are_no_json_any_more_are_a_fault_and_no_crash(chain: list[Event], attack: Attack) -> None:
    attack("UPDATE audit_event SET canonical = %s WHERE id = %s", b"\xff\x00{", chain[2].pk)
    assert problems() == [DOES_NOT_MATCH_ITS_HASH, COLUMNS]


def test_an_event_deleted_in_the_middle_leaves_a_gap(chain: list[Event], attack: Attack) -> None:
    assert attack("DELETE FROM audit_event WHERE id = %s", chain[2].pk) == 1
    assert problems() == [GAP, DOES_NOT_FOLLOW]


def test_events_that_close_a_gap_by_new_numbers_do_not_follow(chain: list[Event], attack: Attack) -> None:
    attack("DELETE FROM audit_event WHERE id = %s", chain[2].pk)
    attack("UPDATE audit_event SET seq = 3 WHERE id = %s", chain[3].pk)
    attack("UPDATE audit_event SET seq = 4 WHERE id = %s", chain[4].pk)
    assert DOES_NOT_FOLLOW in problems()
    assert COLUMNS in problems()


def test_an_event_deleted_at_the_end_does_not_reach_the_head(chain: list[Event], attack: Attack) -> None:
    attack("DELETE FROM audit_event WHERE id = %s", chain[4].pk)
    assert problems() == [WRONG_END]


def test_a_chain_emptied_but_for_its_head_is_found(chain: list[Event], attack: Attack) -> None:
    attack("DELETE FROM audit_event")
    assert problems() == [WRONG_END]


def test_a_chain_without_its_head_is_found(chain: list[Event], attack: Attack) -> None:
    attack("DELETE FROM audit_chainhead")
    assert problems() == [WRONG_END]


def test_two_events_that_changed_places_are_found(chain: list[Event], attack: Attack) -> None:
    for seq, pk in ((99, chain[1].pk), (2, chain[2].pk), (3, chain[1].pk)):
        attack("UPDATE audit_event SET seq = %s WHERE id = %s", seq, pk)
    assert places() >= {2, 3, 4}
    assert DOES_NOT_FOLLOW in problems()


def test_a_wrong_hash_is_found_at_the_event_and_the_next(chain: list[Event], attack: Attack) -> None:
    attack("UPDATE audit_event SET hash = %s WHERE id = %s", "0" * 64, chain[1].pk)
    assert places() == {2, 3}


def test_an_event_copied_from_another_chain_is_found(chain: list[Event], attack: Attack) -> None:
    other = append(tenant_id=None)
    attack("UPDATE audit_event SET chain = %s, seq = 6 WHERE id = %s", chain[0].chain, other.pk)
    assert COLUMNS in problems()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2020-01-01 00:00:00+00:00"),
        ("verb", "tenant.created"),
        ("prev", "f" * 64),
        ("actor_kind", "system"),
        ("actor_id", "00000000000000000000000000000009"),
        ("actor_text", "f" * 64),
        ("target_type", "person"),
        ("target_id", "9"),
        ("request_id", "another"),
    ],
)
def test_a_column_that_says_other_than_the_bytes_is_found(
    chain: list[Event], attack: Attack, column: str, value: str
) -> None:
    assert attack(f"UPDATE audit_event SET {column} = %s WHERE id = %s", value, chain[2].pk) == 1  # noqa: S608 - our list
    assert COLUMNS in problems()
    assert 3 in places()
