"""The short ways to orders, and what became of them."""

from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tollfree.orders.actions import place_orders
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.worker import dispatch

NUMBER = "18445551212"
OTHER = "18335550100"


def group(actor: Actor, tenant: Tenant, *numbers: str, **more: Any) -> OrderGroup:
    """Order these numbers (or one), with a yes to the unknown cost."""
    facts: dict[str, Any] = {"comment": "Hotline", "email": "a@example.com", "reason": "Support line"}
    facts |= {"form_token": uuid4(), "accept_unknown_cost": True} | more
    return place_orders(actor, tenant, numbers=numbers or (NUMBER,), **facts)


def order(actor: Actor, tenant: Tenant, number: str = NUMBER, **more: Any) -> NumberOrder:
    """Order one number."""
    return group(actor, tenant, number, **more).orders.get()


def go_now(which: NumberOrder) -> NumberOrder:
    """Do what is due for it, as if its time had come."""
    NumberOrder.objects.filter(pk=which.pk, due_at__isnull=False).update(due_at=timezone.now())
    dispatch.go(which.pk)
    return fresh(which)


def fresh(which: NumberOrder) -> NumberOrder:
    """The order as it stands now."""
    return fresh_by(which.pk)


def fresh_by(order_id: UUID) -> NumberOrder:
    """The same, by its id."""
    return NumberOrder.objects.select_related("group", "tenant").get(pk=order_id)


def posts(sandbox: Control) -> int:
    """How many POSTs came to the sandbox's orders."""
    return sum(line["method"] == "POST" and line["path"].endswith("/tollfreenumbers") for line in sandbox.ledger())


def verbs(tenant: Tenant) -> list[str]:
    """The verbs of the tenant's orders, the oldest first."""
    events = Event.objects.filter(chain=str(tenant.pk), verb__startswith="order.").order_by("seq")
    return list(events.values_list("verb", flat=True))


def sentences(which: NumberOrder) -> list[str]:
    """What its evidence tells."""
    return list(which.evidence.values_list("kind", flat=True))
