"""What follows from an order's end, in the transaction of its move: the number becomes inventory, or leaves it."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.recording import record
from portal.audit.verbs import Verb
from senders.actions import draft_sender
from senders.providers import provider_of
from tollfree.inventory.models import OwnedNumber
from tollfree.inventory.reconciling import target
from tollfree.orders.models import NumberOrder, Release


@transaction.atomic
def take_in(order: NumberOrder) -> OwnedNumber:
    """Make a completed order's number inventory and a sender-ID draft, both or neither; again it changes nothing.

    The portal itself does it: who ordered was allowed to, and what was bought is kept, whatever became of their role.
    """
    known = OwnedNumber.objects.select_for_update().filter(tenant_id=order.tenant_id, number=order.number).first()
    owned = known or _new(order)
    if owned.order_id != order.pk or owned.released_at is not None or known is None:
        before = str(owned.order_id) if known and owned.order_id else None
        changes: dict[str, Any] = {"order": [before, str(order.pk)]}
        changes |= {"released": [True, False]} if owned.released_at else {}
        changes |= {"comment": [None, owned.comment or None]} if known is None else {}
        owned.order, owned.released_at, owned.gone_since = order, None, None
        owned.login_url, owned.client_id = order.group.login_url, order.group.client_id
        owned.save()
        record(Verb.NUMBER_TAKEN_IN, target(owned), SYSTEM, tenant_id=owned.tenant_id, changes=changes)
    draft_sender(SYSTEM, order.tenant_id, number=order.number, provider=provider_of(order.tenant))
    return owned


def after_completion(order: NumberOrder) -> None:
    """Take the number in, as the orders' hook calls it."""
    take_in(order)


@transaction.atomic
def give_up(release: Release) -> None:
    """Note that the number was given back; it stays in the list, for its history."""
    rows = OwnedNumber.objects.select_for_update().filter(tenant_id=release.tenant_id, number=release.number)
    for owned in rows.filter(released_at=None):
        owned.released_at = timezone.now()
        owned.save()
        changes = {"released": [False, True]}
        record(Verb.NUMBER_GIVEN_UP, target(owned), SYSTEM, tenant_id=owned.tenant_id, changes=changes)


def _new(order: NumberOrder) -> OwnedNumber:
    return OwnedNumber(
        tenant_id=order.tenant_id,
        number=order.number,
        comment=order.comment,
        email=order.group.email,
        first_seen_at=timezone.now(),
    )
