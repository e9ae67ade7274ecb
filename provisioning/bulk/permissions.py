"""Permission checks of an import before any change: archived tenants and missing rights."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from portal.accounts.models import User
from portal.accounts.permission import refused_in, require, tenants_within_reach
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from provisioning.bulk.entries import Entry
from provisioning.bulk.problems import Problem

_PORTION = 500
#: The same role holds all three today; checking each keeps this correct if the roles change.
_NEEDED = (Right.CHANGE_TENANT, Right.STORE_CREDENTIAL, Right.RUN_SETUP)


def refusals(actor: Actor, entries: Sequence[Entry]) -> list[Problem]:
    """Return why entries cannot be imported; empty if the actor may import all of them."""
    return [
        problem
        for start in range(0, len(entries), _PORTION)
        for problem in _refusals(actor, entries[start : start + _PORTION])
    ]


def namesakes(actor: Actor, entries: Sequence[Entry]) -> list[Problem]:
    """Return a warning for each new tenant whose contact centre id exists at another URL, as far as the actor sees."""
    rows = Tenant.objects.filter(_seen_by(actor), ccid__in=[entry.ccid for entry in entries], archived_at=None)
    known: dict[UUID, list[Tenant]] = {}
    for row in rows.order_by("nexus_url"):
        known.setdefault(row.ccid, []).append(row)
    return [
        Problem(entry.line, entry.path, _about(known[entry.ccid]))
        for entry in entries
        if entry.ccid in known and all(row.nexus_url != entry.nexus_url for row in known[entry.ccid])
    ]


def _about(tenants: Sequence[Tenant]) -> str:
    others = ", ".join(f"{row.name} at {row.nexus_url}" for row in tenants)
    return (
        f"This contact centre id stands at another Nexus URL already: {others}. The file adds another tenant. To move "
        "the one there is, change its URL on its page."
    )


def _seen_by(actor: Actor) -> Q:
    if actor.user_id is None:
        return Q()
    return tenants_within_reach(User.objects.get(pk=actor.user_id))


def _refusals(actor: Actor, entries: Sequence[Entry]) -> Iterator[Problem]:
    rows = Tenant.objects.filter(ccid__in=[entry.ccid for entry in entries])
    known = {(row.ccid, row.nexus_url): (row.pk, row.archived_at) for row in rows}
    may_add, refused = _may_add(actor), _refused(actor, [pk for pk, _ in known.values()])
    for entry in entries:
        pk, archived_at = known.get(entry.key, (None, None))
        if pk is None and not may_add:
            yield Problem(entry.line, entry.path, f"{actor.label} may not {Right.ADD_TENANT}.")
        elif pk in refused:
            yield Problem(entry.line, entry.path, f"{actor.label} may not {refused[pk]}.")
        elif archived_at:
            yield Problem(
                entry.line, entry.path, "The tenant with this contact centre id at this Nexus URL was archived."
            )


def _may_add(actor: Actor) -> bool:
    try:
        require(actor, Right.ADD_TENANT)
    except PermissionDenied:
        return False
    return True


def _refused(actor: Actor, tenant_ids: list[UUID]) -> dict[UUID | None, Right]:
    return {pk: right for right in _NEEDED for pk in refused_in(actor, right, tenant_ids)}
