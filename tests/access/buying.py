"""One tenant's toll-free numbers, orders and releases, as they stand when a person has something to decide."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from portal.tenants.models import Tenant
from tollfree.inventory.models import InventoryRefresh, OwnedNumber, Verification, VerificationNote
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder, OrderGroup, OrderPolicy, Rate, Release
from tollfree.orders.states import OrderState, ReleaseState

#: What is confirmed with one number at the rate that stands in the world.
COST = "1 × 2.00 USD a month"


def set_rate() -> None:
    """Let numbers cost something; the same for both tenants."""
    Rate.objects.create(
        valid_from=date(2026, 1, 1), monthly=Decimal(2), currency="USD", set_at=timezone.now(), set_by_label="site"
    )


@dataclass(frozen=True)
class Buyer:
    """Makes the rows of one tenant; each text holds the marker, each number begins with `prefix` (8 digits)."""

    tenant: Tenant
    marker: str
    prefix: str

    def rows(self) -> Mapping[str, Any]:
        """Return one row of each kind that a URL names."""
        OrderPolicy.objects.create(tenant=self.tenant)
        InventoryRefresh.objects.create(tenant=self.tenant, sentence=f"{self.marker} was listed.", ok=True)
        drafts, waiting, others = self._group(), self._group(), self._group()
        orders = {
            "draft_order": self._order(drafts, "001", OrderState.DRAFT),
            "waiting_order": self._order(waiting, "002", OrderState.AWAITING_APPROVAL),
            "refused_order": self._order(others, "003", OrderState.REFUSED),
            "doubtful_order": self._order(others, "004", OrderState.UNDER_REVIEW),
            "order": self._order(others, "005", OrderState.COMPLETED),
            "decided_order": self._decided(self._order(others, "007", OrderState.PLACED)),
        }
        return orders | {
            "draft_group": drafts,
            "group": waiting,
            "owned": self._owned(),
            "release": self._release(orders["order"], ReleaseState.AWAITING_APPROVAL),
            "doubtful_release": self._release(
                self._order(others, "006", OrderState.COMPLETED), ReleaseState.UNDER_REVIEW
            ),
        }

    @property
    def number(self) -> str:
        """Return the number that Genesys Cloud lists and nobody ordered here."""
        return f"{self.prefix}100"

    @property
    def free(self) -> str:
        """Return a number that nobody has."""
        return f"{self.prefix}200"

    @property
    def _place(self) -> dict[str, Any]:
        where = f"http://127.0.0.1:9/{self.marker}"
        return {"tenant": self.tenant, "login_url": where, "api_url": where, "client_id": self.marker}

    @property
    def _asked(self) -> dict[str, Any]:
        """Asked by nobody who walks, so that all of them may be the second person."""
        return {"asked_at": timezone.now(), "asked_by_label": f"{self.marker}-asker", "asked_by_kind": "person"}

    def _group(self) -> OrderGroup:
        email, reason = f"{self.marker}@example.com", f"{self.marker} needs it."
        return OrderGroup.objects.create(
            **self._place, **self._asked, form_token=uuid.uuid4(), email=email, reason=reason, cost_accepted=COST
        )

    def _order(self, group: OrderGroup, digits: str, state: OrderState) -> NumberOrder:
        order = NumberOrder.objects.create(
            tenant=self.tenant,
            group=group,
            number=f"{self.prefix}{digits}",
            comment=f"{self.marker} hotline",
            state=state,
            sentence=f"{self.marker} said so.",
            created_at=timezone.now(),
        )
        facts, sentence = {"said": self.marker}, f"{self.marker} answered."
        Evidence.objects.create(
            order=order, at=timezone.now(), kind=EvidenceKind.ANSWER, sentence=sentence, facts=facts
        )
        return order

    def _decided(self, order: NumberOrder) -> NumberOrder:
        """A person called it placed."""
        sentence = f"{self.marker} decided."
        Evidence.objects.create(
            order=order, at=timezone.now(), kind=EvidenceKind.DECISION, sentence=sentence, says_bought=True, facts={}
        )
        return order

    def _release(self, order: NumberOrder, state: ReleaseState) -> Release:
        return Release.objects.create(
            **self._place,
            **self._asked,
            order=order,
            number=order.number,
            reason=f"{self.marker} has done with it.",
            state=state,
        )

    def _owned(self) -> OwnedNumber:
        """One that only Genesys Cloud knows, and whose verification waits."""
        now = timezone.now()
        owned = OwnedNumber.objects.create(
            tenant=self.tenant,
            number=self.number,
            owner=self.marker,
            more={"note": self.marker},
            login_url=f"http://127.0.0.1:9/{self.marker}",
            client_id=self.marker,
            first_seen_at=now,
            last_seen_at=now,
            verification=Verification.NEEDS_ANSWER,
        )
        note = f"{self.marker} was asked."
        VerificationNote.objects.create(owned=owned, at=now, state=owned.verification, note=note, by_label=self.marker)
        return owned
