"""Many orders at once, and the judgement on them: nothing bought twice, nothing bought that nobody knows of.

The judge is the sandbox's ledger. Windows are short, but keep their order: a call ends before its lease, and the list
shows what was bought before it is looked for.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from uuid import uuid4

from portal.audit.actors import Actor
from portal.audit.event_lookup import faults, fields
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.support.children import NotReady
from tests.support.sweeping import sweep_orders
from tollfree.orders.actions import place_orders
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import FINAL, MOVES, OrderState
from tollfree.orders.validation import MOST_AT_ONCE

WINDOWS = {
    "OUTBOUND_CONNECT_SECONDS": "0.5",
    "OUTBOUND_READ_SECONDS": "0.5",
    "OUTBOUND_TOTAL_SECONDS": "0.8",
    "ORDER_LEASE_SECONDS": "1.5",
    "ORDER_SETTLE_SECONDS": "1",
    "ORDER_POLL_SECONDS": "0.2",
    "ORDER_BACKOFF_SECONDS": "0.1",
    "ORDER_REPUBLISH_SECONDS": "1",
}
POST = {"method": "POST", "path_contains": "tollfreenumbers"}
LIST_LAG = 0.6
SWEEP_SECONDS = 0.25
#: How often what happens to a POST that arrives: a quarter of them lose their way, as in the measured prototype.
RATES = {
    "reply_lost": 0.08,
    "reply_lost_before_effect": 0.05,
    "bad_gateway": 0.04,
    "html_502": 0.04,
    "black_hole": 0.04,
}
AT_REST = FINAL | {OrderState.UNDER_REVIEW}
#: An order that stands here has to be of a number that was bought, or may have been.
KNOWN = frozenset({OrderState.COMPLETED, OrderState.RELEASED, OrderState.UNDER_REVIEW})


def settings() -> dict[str, float]:
    """The same windows for the process of the test."""
    return {name: float(value) for name, value in WINDOWS.items()}


def be_unkind(sandbox: Control, seed: int) -> None:
    """Let answers to orders get lost, and the list lag."""
    sandbox.genesys_cloud.settings(list_lag_seconds=LIST_LAG, pool_size=5_000)
    for number, (fault, rate) in enumerate(RATES.items()):
        after = {"after_effect": True} if fault == "bad_gateway" else {}
        sandbox.fault(fault, match=POST, rate=rate, times=100_000, seed=seed + number, **after)


def order(buyer: Actor, tenant: Tenant, count: int) -> list[NumberOrder]:
    """Order that many numbers, as many at once as a form takes."""
    numbers = [f"1844{number}" for number in range(2_000_000, 2_000_000 + count)]
    for first in range(0, count, MOST_AT_ONCE):
        some = numbers[first : first + MOST_AT_ONCE]
        place_orders(buyer, tenant, numbers=some, form_token=uuid4(), reason="Test", accept_unknown_cost=True)
    return list(NumberOrder.objects.filter(number__in=numbers))


def moving() -> int:
    """How many orders still move by themselves."""
    return NumberOrder.objects.exclude(state__in=AT_REST).count()


def wait_until_at_rest(seconds: float, meanwhile: Callable[[], None] = lambda: None) -> None:
    """Sweep, as beat would have it done, until nothing moves any more; call `meanwhile` before each sweep."""
    deadline = time.monotonic() + seconds
    while True:
        meanwhile()
        if not sweep_orders() and not moving():
            return
        if time.monotonic() > deadline:
            rest = NumberOrder.objects.exclude(state__in=AT_REST)
            told = [f"{each.number} {each.state} due {each.due_at}: {each.sentence}" for each in rest[:5]]
            raise NotReady(f"after {seconds:g} s {rest.count()} orders still move, such as {told}")
        time.sleep(SWEEP_SECONDS)


def problems(orders: Iterable[NumberOrder], sandbox: Control) -> list[str]:
    """Return all that is wrong; nothing if each was bought once at most, and what was bought is known."""
    ledger = sandbox.ledger()
    posts = Counter(item["tollfreeNumber"] for line in ledger if _is_post(line) for item in line["body"])
    bought = sandbox.bought()
    found = [f"{number} was bought {times} times" for number, times in bought.items() if times > 1]
    found += [f"{number} was sent {times} times" for number, times in posts.items() if times > 1]
    states: dict[str, str] = {}
    for each in orders:
        each.refresh_from_db()
        states[each.number] = each.state
        if each.state not in AT_REST:
            found.append(f"{each.number} is {each.state}: {each.sentence}")
        if each.state == OrderState.COMPLETED and not bought[each.number]:
            found.append(f"{each.number} is completed and was never bought")
    found += [f"{n} was bought, and its order is {states.get(n)}" for n in bought if states.get(n) not in KNOWN]
    return found + _of_history(orders)


def _is_post(line: dict[str, object]) -> bool:
    return line["method"] == "POST" and str(line["path"]).endswith("/tollfreenumbers")


def _of_history(orders: Iterable[NumberOrder]) -> list[str]:
    """Whatever dies, each move stands in the history once, one after the other, and the chain is whole."""
    chains = {str(each.tenant_id) for each in orders}
    found = [f"#{fault.seq}: {fault.problem}" for chain in chains for fault in faults(chain)]
    at: dict[str, str] = {}
    for event in Event.objects.filter(chain__in=chains, verb__startswith="order.").order_by("chain", "seq"):
        if "state" in (changes := fields(event)["changes"]):
            before, after = changes["state"]
            if before != at.get(event.target_id, "draft") or after not in MOVES[OrderState(before)]:
                found.append(f"{event.target_id} went from {before} to {after}")
            at[event.target_id] = after
    return found + [f"{each.number}: the history says {at.get(str(each.pk))}" for each in _untold(orders, at)]


def _untold(orders: Iterable[NumberOrder], at: dict[str, str]) -> list[NumberOrder]:
    return [each for each in orders if each.state != at.get(str(each.pk), "draft")]
