"""What the walk cannot leak because there is none of it, it cannot find either."""

import pytest
from django.apps import apps

from tests.access import ledger
from tests.access.world import Rows, World

pytestmark = pytest.mark.sweep

#: Tables about no tenant, and why.
OF_NOBODY = {
    "operations_heartbeat": "processes of the portal itself",
    "tollfree_rate": "what numbers cost, for all tenants alike",
    "audit_checkpoint": "the heads of all histories at once, by their hashes",
    "evidence_verification": "the whole database",
    "evidence_anchoring": "the checkpoints' folder",
    "history_lastvisit": "when a person was here last; nothing of a tenant stands there",
    "account_emailaddress": "allauth's; a person's address stands at the person",
    "account_emailconfirmation": "allauth's, of the same",
    "socialaccount_socialapp": "allauth's; the sign-on service stands in the settings",
    "socialaccount_socialapp_sites": "allauth's, of the same",
    "socialaccount_socialtoken": "allauth's; tokens of the sign-on service are not kept",
}
#: Tables of ids, hashes, kinds, roles and counts alone.
WORDLESS = {
    "accounts_membership",
    "audit_chainhead",
    "audit_signedhead",
    "notifications_outboxmessage",
    "identity_lockoutmail",
    "tollfree_orderpolicy",
}


def tables() -> set[str]:
    """The tables of the portal's own rooms, and of the sign-in that it took over."""
    rooms = ("portal.", "provisioning", "senders", "tollfree", "allauth.")
    return {model._meta.db_table for model in apps.get_models() if model.__module__.startswith(rooms)}  # noqa: SLF001 - _meta is Django's public API


def with_a_row(*words: str) -> set[str]:
    """The tables with a row that holds one of these words; sealed and hashed bytes are read too."""
    is_about = ledger.about([*words, *(word.encode().hex() for word in words)])
    return {row[0] for row in ledger.contents() if is_about(row)}


def test_every_table_has_rows_of_both_tenants(world: World) -> None:
    for rows in (world.ours, world.theirs):
        missing = sorted(tables() - OF_NOBODY.keys() - with_a_row(rows.marker, *rows.ids.values()))
        assert not missing, (
            f"Make a row in {', '.join(missing)} in tests/access/world.py, with the marker in its texts."
        )


def test_their_words_stand_in_every_table_that_holds_words(world: World) -> None:
    assert not sorted(tables() - OF_NOBODY.keys() - WORDLESS - with_a_row(world.theirs.marker))


def test_ours_and_theirs_have_nothing_in_common(world: World) -> None:
    def all_of(rows: Rows) -> set[str]:
        return {rows.marker, *rows.ids.values()}

    assert not all_of(world.ours) & all_of(world.theirs)
    assert set(world.ours.ids) == set(world.theirs.ids) == set(world.theirs.absent().ids)
