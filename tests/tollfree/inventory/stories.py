"""Short cuts of the inventory's tests."""

import uuid
from typing import Any

from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.models import Event
from portal.tenants.models import Tenant
from tollfree.inventory.actions import ask_refresh
from tollfree.inventory.models import InventoryRefresh, OwnedNumber
from tollfree.inventory.sync import refresh
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.states import OrderState

NUMBER, OTHER = "18445551212", "18335550100"


def refreshed(user: User, tenant: Tenant) -> InventoryRefresh:
    """Press the button, and do the worker's part here."""
    row = ask_refresh(person(user), tenant)
    refresh(row.pk)
    row.refresh_from_db()
    return row


def an_order(access: Access, number: str = NUMBER, state: OrderState = OrderState.COMPLETED) -> NumberOrder:
    """An order as the protocol leaves it."""
    now = timezone.now()
    group = OrderGroup.objects.create(
        tenant_id=access.tenant_id,
        form_token=uuid.uuid4(),
        login_url=access.login_url,
        api_url=access.api_url,
        client_id=access.client_id,
        email="ada@example.com",
        reason="A hotline.",
        asked_at=now,
        asked_by_label="rep@example.com",
        asked_by_kind="person",
    )
    return NumberOrder.objects.create(
        tenant_id=access.tenant_id, group=group, number=number, comment="Hotline", state=state, created_at=now
    )


def owned(tenant: Tenant, number: str = NUMBER, **fields: Any) -> OwnedNumber:
    """A number of the tenant, as the list showed it a moment ago."""
    now = timezone.now()
    facts = {"first_seen_at": now, "last_seen_at": now, "login_url": "https://login.example", "client_id": "c"}
    return OwnedNumber.objects.create(tenant=tenant, number=number, **(facts | fields))


def told(tenant: Tenant) -> list[str]:
    """What the history says of numbers and their verification."""
    verbs = Event.objects.filter(chain=str(tenant.pk)).order_by("seq").values_list("verb", flat=True)
    return [verb for verb in verbs if verb.startswith(("number.", "verification."))]
