"""What the database has against a file, asked before anything is changed: archived tenants, and missing rights."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.core.exceptions import PermissionDenied

from portal.accounts.permission import refused_in, require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from provisioning.apply.entries import Entry
from provisioning.apply.problems import Problem

_PORTION = 500
#: Held by the same role today; a table that splits them is heeded.
_NEEDED = (Right.CHANGE_TENANT, Right.STORE_CREDENTIAL, Right.RUN_SETUP)


def refusals(actor: Actor, entries: Sequence[Entry]) -> list[Problem]:
    """Return why entries cannot be carried out at all; nothing if the actor may do all of it."""
    return [
        problem
        for start in range(0, len(entries), _PORTION)
        for problem in _refusals(actor, entries[start : start + _PORTION])
    ]


def _refusals(actor: Actor, entries: Sequence[Entry]) -> Iterator[Problem]:
    rows = Tenant.objects.filter(ccid__in=[entry.ccid for entry in entries]).values_list("ccid", "pk", "archived_at")
    known = {ccid: (pk, archived_at) for ccid, pk, archived_at in rows}
    may_add, refused = _may_add(actor), _refused(actor, [pk for pk, _ in known.values()])
    for entry in entries:
        pk, archived_at = known.get(entry.ccid, (None, None))
        if pk is None and not may_add:
            yield Problem(entry.line, entry.path, f"{actor.label} may not {Right.ADD_TENANT}.")
        elif pk in refused:
            yield Problem(entry.line, entry.path, f"{actor.label} may not {refused[pk]}.")
        elif archived_at:
            yield Problem(entry.line, entry.path, "The tenant with this contact centre id was archived.")


def _may_add(actor: Actor) -> bool:
    try:
        require(actor, Right.ADD_TENANT)
    except PermissionDenied:
        return False
    return True


def _refused(actor: Actor, tenant_ids: list[UUID]) -> dict[UUID | None, Right]:
    return {pk: right for right in _NEEDED for pk in refused_in(actor, right, tenant_ids)}
