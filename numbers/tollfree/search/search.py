"""Search for available numbers in Genesys Cloud, with a note on those that somebody here already owns or orders.

The view makes the call itself, like the connection test: no search result is stored, so there is no row for a worker to
fill in, and the call ends by its deadline.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from genesys_cloud import diagnosis
from genesys_cloud.access import Access, readable_access_of
from genesys_cloud.client import available_tollfree
from genesys_cloud.tokens import UNASKABLE, token_for
from portal.accounts.models import User
from portal.accounts.permission import require, tenants_within_reach
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.http_client.errors import OutboundError
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from tollfree.inventory.models import OwnedNumber
from tollfree.inventory.sync import NOT_SET_UP
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import LIVE
from tollfree.search.keypad import marked, spelled


@dataclass(frozen=True)
class Candidate:
    """A number that can be bought; `held` says why it cannot be picked here, or is empty."""

    number: str
    pieces: Sequence[tuple[str, bool]]
    spelled: str
    held: str = ""
    picked: bool = False


def search(actor: Actor, tenant: Tenant, *, count: int, vanity: str = "") -> list[str]:
    """Return numbers that can be bought. Raises ValidationError; call it with no transaction open."""
    require(actor, Right.MANAGE_NUMBERS, tenant.pk)
    refuse_if_archived(tenant)
    access = readable_access_of(tenant)
    if access is None:
        raise ValidationError(NOT_SET_UP)
    return _ask(access, count, vanity)


def _ask(access: Access, count: int, vanity: str) -> list[str]:
    try:
        token_for(access, subject_id=access.tenant_id)  # first, so that its errors get the token's diagnosis
    except OutboundError as error:
        raise ValidationError(diagnosis.of_token(access, error).sentence) from error
    except UNASKABLE as error:
        raise ValidationError(str(error)) from error
    try:
        found = available_tollfree(access, count=count, vanity=vanity, subject_id=access.tenant_id)
    except OutboundError as error:
        raise ValidationError(diagnosis.of_list(access, error).sentence) from error
    return [*dict.fromkeys(found)]


def candidates(
    user: User, numbers: Sequence[str], *, vanity: str = "", picked: Collection[str] = ()
) -> list[Candidate]:
    """Return the numbers as this user's page shows them, with three queries in total."""
    holding = held(user, numbers)
    return [
        Candidate(
            number,
            marked(number, vanity),
            spelled(number, vanity),
            held=holding.get(number, ""),
            picked=number in picked and number not in holding,
        )
        for number in numbers
    ]


def held(user: User, numbers: Collection[str]) -> dict[str, str]:
    """Return by number who holds it here, as its owner or by a live order.

    The tenant is named only if the user may see that tenant.
    """
    theirs = Tenant.objects.filter(tenants_within_reach(user, Right.VIEW_NUMBERS))
    names = dict(theirs.values_list("pk", "name"))
    owned = OwnedNumber.objects.filter(number__in=numbers, gone_since=None, released_at=None)
    ordered = NumberOrder.objects.filter(number__in=numbers, state__in=LIVE)
    said = {number: _had(names.get(pk)) for number, pk in owned.values_list("number", "tenant_id")}
    return said | {number: _in_order(names.get(pk)) for number, pk in ordered.values_list("number", "tenant_id")}


def _had(name: str | None) -> str:
    return f"{name} has it already" if name else "Somebody here has it already"


def _in_order(name: str | None) -> str:
    return f"An order for {name} has it" if name else "Another order here has it"
