"""Hypothesis drives orders through anything: clicks, crashes, lost and late answers, pauses, people, sweeps, waits.

Time passes only where a step says so: with the machine's own clock one course of events would end in several ways.
"""

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from genesys_cloud.access import Access
from genesys_cloud.responses import ProviderOrder, TollfreeNumber
from genesys_cloud.tokens import Token
from portal.audit.actors import Actor
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.recording import batch_events
from portal.http_client.errors import Conflict, ConnectionLost, OutboundError, Rejected, ServerError
from portal.http_client.messages import Answer
from portal.tenants.models import Tenant
from tests.support.sweeping import sweep_orders
from tests.tollfree.orders import buying
from tollfree.orders import actions
from tollfree.orders import review as orders_review
from tollfree.orders.models import NumberOrder, OrderGroup, OrderPolicy
from tollfree.orders.states import FINAL, LIVE, MOVES, OrderState
from tollfree.orders.worker import dispatch, lookup, poll, send
from tollfree.orders.worker.results import Verdict, judge

pytestmark = pytest.mark.sweep

NUMBERS = ("18445551212", "18335550100", "18005550199")
FAULTS = (
    "none",
    "lost_after_buying",
    "lost_before_buying",
    "failed_after_buying",
    "refused",
    "killed_before_sending",
    "killed_after_buying",
    "killed_while_writing",
    "paused",
)
#: Each course of events starts at this moment.
START = datetime(2026, 11, 30, 12, tzinfo=UTC)
#: Shorter than every wait, and within a lease; beyond the wait for a poll; beyond all that is set for tests; a day.
PAUSES = (0.01, 0.5, 2.0, 60.0, 86_400.0)
REFUSAL = b'{"code": "bad.request", "message": "no", "status": 400}'
#: What may have been sent, and what has an end or a person who looks at it.
SENT = frozenset({OrderState.PLACED, OrderState.COMPLETED, OrderState.UNKNOWN, OrderState.UNDER_REVIEW})
AT_REST = FINAL | {OrderState.UNDER_REVIEW, OrderState.AWAITING_APPROVAL, OrderState.DRAFT}


class Killed(BaseException):
    """`kill -9`."""


class World:
    """A Genesys Cloud in memory, whose list may lag; and the workers that sleep over a POST."""

    def __init__(self) -> None:
        self.bought: Counter[str] = Counter()
        self.posts: Counter[UUID] = Counter()
        self.lags = False
        self.fault = "none"
        self.asleep: list[Callable[[], None]] = []

    def post(self, order: NumberOrder) -> Answer | OutboundError:
        """Buy, unless somebody has the number."""
        self.posts[order.pk] += 1
        if self.bought[order.number]:
            return Conflict("there", answer=Answer(409, {}, REFUSAL, "", 1))
        self.bought[order.number] += 1
        body = {"id": f"o-{order.number}", "orderStatus": "COMPLETED", "numbers": [order.number]}
        return Answer(200, {}, json.dumps(body).encode(), "", 1)

    def listed(self) -> list[TollfreeNumber]:
        """The list, which may not show what was bought a moment ago."""
        return [] if self.lags else [TollfreeNumber(number, "ACTIVE", "", "") for number in self.bought]


class Orders(RuleBasedStateMachine):
    """The portal under test; `tenant` and `people` are set by the test."""

    tenant: ClassVar[Tenant]
    people: ClassVar[tuple[Actor, Actor]]
    outside: ClassVar["Outside"]
    clock: ClassVar[time_machine.Traveller]

    def __init__(self) -> None:
        super().__init__()
        self.clock.move_to(START)
        self.world = World()
        self.outside.world = self.world
        self.undo = transaction.atomic()
        self.undo._from_testcase = True  # type: ignore[attr-defined]  # noqa: SLF001 - what Django's TestCase does
        self.undo.__enter__()

    def teardown(self) -> None:
        try:
            self._let_everything_end()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @rule(number=st.sampled_from(NUMBERS), who=st.integers(0, 1), many=st.booleans())
    def click(self, number: str, who: int, *, many: bool) -> None:
        numbers = NUMBERS if many else (number,)  # three need an approval here
        self.clock.shift(PAUSES[0])
        a_day_passes()
        attempt(lambda: buying.group(self.people[who], self.tenant, *numbers))

    @rule(number=st.sampled_from(NUMBERS), fault=st.sampled_from(FAULTS))
    def click_and_send(self, number: str, fault: str) -> None:
        self.clock.shift(PAUSES[0])
        a_day_passes()
        attempt(lambda: buying.group(self.people[0], self.tenant, number))
        self.world.fault = fault
        for order in NumberOrder.objects.filter(number=number, state=OrderState.QUEUED):
            self._go(order)

    @precondition(lambda self: self.there(due_at__isnull=False))
    @rule(data=st.data(), fault=st.sampled_from(FAULTS))
    def work(self, data: st.DataObject, fault: str) -> None:
        self.world.fault = fault
        if (order := self.pick(data, state__in=LIVE, due_at__isnull=False)) is not None:
            self._go(order)

    @rule(data=st.data(), who=st.integers(0, 1), verb=st.sampled_from(["approve", "decline", "cancel", "look"]))
    def decide_early(self, data: st.DataObject, who: int, verb: str) -> None:
        order = self.pick(data)
        if order is None:
            return
        actor = self.people[who]
        deeds: dict[str, Callable[[], object]] = {
            "approve": lambda: actions.approve_group(actor, order.group),
            "decline": lambda: actions.decline_group(actor, order.group, reason="No."),
            "cancel": lambda: actions.cancel_order(actor, order),
            "look": lambda: orders_review.look_again(actor, order),
        }
        attempt(deeds[verb])

    @precondition(lambda self: self.there(state=OrderState.UNDER_REVIEW))
    @rule(data=st.data(), who=st.integers(0, 1))
    def review(self, data: st.DataObject, who: int) -> None:
        """A person asked Genesys, and says what is true there now."""
        order = self.pick(data, state=OrderState.UNDER_REVIEW)
        if order is not None:
            bought = bool(self.world.bought[order.number])
            decide = orders_review.decide_placed if bought else orders_review.decide_not_placed
            decide(self.people[who], order, reason="Asked our contact.")

    @precondition(lambda self: self.there(state=OrderState.SENDING))
    @rule()
    def leases_end(self) -> None:
        NumberOrder.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))
        sweep_orders()

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds: float) -> None:
        self.clock.shift(seconds)

    @rule(lags=st.booleans())
    def list_lags(self, *, lags: bool) -> None:
        self.world.lags = lags

    @precondition(lambda self: self.world.asleep)
    @rule()
    def a_worker_wakes(self) -> None:
        self.world.asleep.pop(0)()

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        assert max(self.world.posts.values(), default=0) <= 1
        assert max(self.world.bought.values(), default=0) <= 1

    @invariant()
    def what_was_bought_is_known(self) -> None:
        for number in +self.world.bought:
            orders = NumberOrder.objects.filter(number=number)
            looked_for = orders.filter(state=OrderState.NOT_PLACED, due_at__isnull=False)
            assert orders.filter(state__in=SENT | {OrderState.SENDING}).exists() or looked_for.exists()

    @invariant()
    def the_history_tells_each_move_and_none_off_the_table(self) -> None:
        told: dict[str, list[tuple[str, str]]] = {}
        for line in Event.objects.filter(chain=str(self.tenant.pk), verb__startswith="order.").order_by("seq"):
            if "state" in (changes := fields(line)["changes"]):
                told.setdefault(line.target_id, []).append(tuple(changes["state"]))
        for order in NumberOrder.objects.all():
            at = OrderState.DRAFT.value
            for before, after in told.get(str(order.pk), []):
                assert before == at
                assert after in MOVES[OrderState(before)]
                at = after
            assert order.state == at

    def there(self, **where: Any) -> bool:
        return NumberOrder.objects.filter(**where).exists()

    def pick(self, data: st.DataObject, **where: Any) -> NumberOrder | None:
        rows = NumberOrder.objects.filter(**where).select_related("group", "tenant")
        orders = list(rows.order_by("created_at", "number"))  # those of one click have one time
        return data.draw(st.sampled_from(orders)) if orders else None

    def _go(self, order: NumberOrder) -> None:
        self.clock.shift(PAUSES[0])
        NumberOrder.objects.filter(pk=order.pk).update(due_at=timezone.now())
        with suppress(Killed):
            dispatch.go(order.pk)

    def _let_everything_end(self) -> None:
        self.world.lags, self.world.fault = False, "none"
        while self.world.asleep:
            self.a_worker_wakes()
        self.leases_end()
        for _ in range(12):
            self.time_passes(60.0)
            due = NumberOrder.objects.filter(due_at__isnull=False).select_related("group", "tenant")
            for order in due.order_by("created_at", "number"):
                self._go(order)
        self.nothing_is_sent_twice()
        self.what_was_bought_is_known()
        for number in +self.world.bought:
            ours = NumberOrder.objects.filter(number=number, state__in=[*SENT])
            assert ours.exists(), f"{number} was bought and nobody knows"
        assert not NumberOrder.objects.exclude(state__in=AT_REST).exists()


def a_day_passes() -> None:
    """What was ordered so far does not count any more for whether the next order needs a second person."""
    OrderGroup.objects.filter(confirmed_at__isnull=False).update(confirmed_at=timezone.now() - timedelta(days=2))


def attempt(deed: Callable[[], object]) -> None:
    """Do what may be refused in words."""
    try:
        with transaction.atomic(), batch_events():
            deed()
    except (ValidationError, PermissionDenied):
        return


class Outside:
    """Everything outside of the portal, as the world has it; workers die and fall asleep in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = World()
        self.write = send._write_outcome  # noqa: SLF001 - workers die and sleep at lines of its module
        token = Token("t", 1, uuid4(), timezone.now())
        monkeypatch.setattr(send, "_post", self.post)
        monkeypatch.setattr(send, "_write_outcome", self.write_or_die)
        monkeypatch.setattr(send, "token_for", lambda *_, **__: token)
        monkeypatch.setattr(send, "list_tollfree", lambda *_, **__: self.world.listed())
        monkeypatch.setattr(lookup, "list_tollfree", lambda *_, **__: self.world.listed())
        monkeypatch.setattr(
            poll,
            "order_status",
            lambda _, order_id, **__: ProviderOrder(order_id, "COMPLETED", (order_id.removeprefix("o-"),)),
        )

    def post(self, intent: send.Intent) -> Answer | OutboundError:
        assert intent.call.subject_id is not None
        order, fault = buying.fresh_by(intent.call.subject_id), self.world.fault
        if fault == "paused":
            self.world.asleep.append(lambda: self.write_late(order, intent))
            raise Killed  # as far as everybody else can see
        if fault == "killed_before_sending":
            raise Killed
        if fault == "lost_before_buying":
            return ConnectionLost("there")
        if fault == "refused":
            return Rejected("there", answer=Answer(400, {}, REFUSAL, "", 1))
        answer = self.world.post(order)
        if fault == "killed_after_buying":
            raise Killed
        if fault == "failed_after_buying":
            return ServerError("there", answer=Answer(502, {}, b"<html>", "", 1))
        return ConnectionLost("there") if fault == "lost_after_buying" else answer

    def write_or_die(
        self, order: NumberOrder, intent: send.Intent, outcome: Answer | OutboundError, verdict: Verdict
    ) -> None:
        self.write(order, intent, outcome, verdict)
        if self.world.fault == "killed_while_writing":
            raise Killed

    def write_late(self, order: NumberOrder, intent: send.Intent) -> None:
        with transaction.atomic(), batch_events():
            answer = self.world.post(order)
            self.write(order, intent, answer, judge(order.number, answer))


@pytest.mark.parametrize(("examples", "steps"), [(20, 20), pytest.param(2000, 50, marks=[pytest.mark.slow_faults])])
def test_any_course_of_events(
    *,
    examples: int,
    steps: int,
    buyer: Actor,
    second: Actor,
    tenant: Tenant,
    ordering: Access,
    wake_ups: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    OrderPolicy.objects.create(tenant=tenant, approve_from=3)
    Orders.tenant, Orders.people, Orders.outside = tenant, (buyer, second), Outside(monkeypatch)
    health = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate],  # shrinking takes minutes, and twenty steps can be read
        deadline=None,
        database=None,
        suppress_health_check=health,
    )
    with time_machine.travel(START, tick=False) as Orders.clock:
        run_state_machine_as_test(Orders, settings=chosen)
