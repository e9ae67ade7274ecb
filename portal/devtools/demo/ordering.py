"""Demo order: the representative orders one toll-free number from the sandbox, through the queue."""

from decimal import Decimal

from django.utils import timezone

from portal.audit.actors import Actor, command_line
from portal.devtools.demo.printing import Say, StoryFailed, WaitUntil
from portal.tenants.models import Tenant
from portal.ui.labels import phone_words
from tollfree.orders.actions import cost_now, place_orders
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.pricing import rate_now, set_rate
from tollfree.orders.states import FINAL, OrderState
from tollfree.search.search import search

#: Enough for polls a few seconds apart, and for the later look at an order whose worker was killed.
_PATIENCE_SECONDS = 120.0


def order_one(actor: Actor, tenant: Tenant, say: Say, wait_until: WaitUntil) -> None:
    """Order a number unless an order exists, and watch it until it finishes. Raises StoryFailed."""
    order = NumberOrder.objects.filter(tenant=tenant).order_by("created_at").first()
    if order is None:
        order = _place(actor, tenant, say)
    if order.state not in FINAL:
        wait_until(_Progress(order, say).look, "the order", _PATIENCE_SECONDS)
        order.refresh_from_db()
        if order.state != OrderState.COMPLETED:
            raise StoryFailed(f"The order is {order.get_state_display().lower()}: {order.sentence}")


def _place(actor: Actor, tenant: Tenant, say: Say) -> NumberOrder:
    if rate_now() is None:  # invented, like the demo's tenants
        set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal("2.00"), currency="USD", note="Demo")
    numbers, cost = search(actor, tenant, count=1), cost_now(1)
    if not numbers:
        raise StoryFailed("The sandbox offers no number to buy.")
    say(f"Ordering {phone_words(numbers[0])} for {tenant.name}, {cost.words}, through the queue of orders:")
    group: OrderGroup = place_orders(
        actor,
        tenant,
        numbers=numbers,
        comment="Demo hotline",
        email="numbers@demo.example",
        reason="So that the demo shows an order",
        cost=cost.words,
    )
    return group.orders.get()


class _Progress:
    """Reads the order and prints each new state once."""

    def __init__(self, order: NumberOrder, say: Say) -> None:
        self.order = order
        self.say = say
        self.said = ""

    def look(self) -> bool:
        """Print what is new; return True once the order has finished or is under review."""
        self.order.refresh_from_db()
        if self.order.state != self.said:
            self.said = self.order.state
            clock = timezone.localtime().strftime("%H:%M:%S")
            self.say(f"  {clock}  {phone_words(self.order.number)}  {self.order.get_state_display().lower()}")
        return self.order.state in FINAL | {OrderState.UNDER_REVIEW}
