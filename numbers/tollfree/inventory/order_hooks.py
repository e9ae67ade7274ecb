"""Order hooks of the inventory: add a number when its order completes, mark it as released after a release.

They run in the transaction that changes the order's or release's state.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.recording import record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from senders.actions import draft_sender
from senders.models import SenderId
from senders.providers import provider_of
from tollfree.inventory.models import OwnedNumber
from tollfree.inventory.reconciliation import target
from tollfree.orders.models import NumberOrder, Release


@atomic
def take_in(order: NumberOrder) -> OwnedNumber:
    """Add a completed order's number to the inventory, with a draft of its sender ID. A repeat changes nothing.

    The actor is the portal itself: the user was allowed to order, and a bought number is kept even if that user's
    rights have changed since.
    """
    owned, is_new = _locked_or_new(order)
    if owned.order_id != order.pk or owned.released_at is not None or is_new:
        before = str(owned.order_id) if owned.order_id else None
        changes: dict[str, Any] = {"order": [before, str(order.pk)]}
        changes |= {"released": [True, False]} if owned.released_at else {}
        changes |= {"comment": [None, owned.comment or None]} if is_new else {}
        owned.order, owned.released_at, owned.gone_since = order, None, None
        owned.login_url, owned.client_id = order.group.login_url, order.group.client_id
        owned.save()
        record(Verb.NUMBER_TAKEN_IN, target(owned), SYSTEM, tenant_id=owned.tenant_id, changes=changes)
    _draft_sender(order)
    return owned


def _draft_sender(order: NumberOrder) -> None:
    """Draft the sender ID; if a user adds it at the same moment, theirs is kept unchanged."""
    try:
        draft_sender(SYSTEM, order.tenant_id, number=order.number, provider=provider_of(order.tenant))
    except ValidationError:
        forms_of = {order.number, order.number.removeprefix("1")}
        if not SenderId.objects.filter(tenant_id=order.tenant_id, number__in=forms_of).exists():
            raise


def after_completion(order: NumberOrder) -> None:
    """Add the number; the hook for completed orders expects no result."""
    take_in(order)


@atomic
def give_up(release: Release) -> None:
    """Mark the number as released; its row stays, for its history."""
    rows = OwnedNumber.objects.select_for_update(no_key=True).filter(tenant_id=release.tenant_id, number=release.number)
    for owned in rows.filter(released_at=None):
        owned.released_at = timezone.now()
        owned.save()
        changes = {"released": [False, True]}
        record(Verb.NUMBER_GIVEN_UP, target(owned), SYSTEM, tenant_id=owned.tenant_id, changes=changes)


def _locked_or_new(order: NumberOrder) -> tuple[OwnedNumber, bool]:
    """Return the number's row and whether it is new; a refresh may create the row at the same moment."""
    rows = OwnedNumber.objects.select_for_update(no_key=True)
    return rows.get_or_create(
        tenant_id=order.tenant_id,
        number=order.number,
        defaults={"comment": order.comment, "email": order.group.email, "first_seen_at": timezone.now()},
    )
