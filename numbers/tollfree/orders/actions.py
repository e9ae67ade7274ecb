"""Actions on orders: draft, confirm, approve, decline, cancel, acknowledge."""

import uuid
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from genesys_cloud.access import readable_access_of
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.failpoints import failpoint
from portal.notifications.mailing import announce
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.ui.labels import phone_words
from tollfree.orders import pricing, validation
from tollfree.orders.approval import ToApprove, refuse_above_cap, to_approve, why_approval
from tollfree.orders.approval_rules import policy_of, refuse_own
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.pricing import Cost, cost_of
from tollfree.orders.states import LIVE, NOT_SENT_YET, OrderState
from tollfree.orders.transitions import NoticeKind, Overtaken, record_event, transition, wake

NOTHING_SENT = "Nothing was sent to Genesys Cloud."
#: Approval reason if the page offered "ask for approval" and no rule requires one any more.
ASKED_FOR = "Whoever ordered asked for it."


@atomic
def draft_orders(  # noqa: PLR0913 - the fields of the form
    actor: Actor,
    tenant: Tenant,
    *,
    numbers: Sequence[str],
    form_token: UUID,
    comment: str = "",
    email: str = "",
    reason: str = "",
) -> OrderGroup:
    """Create drafts, one order per number; nothing is sent and nothing costs yet.

    The same `form_token` returns the same group, so that a double click creates only one. Raises ValidationError, also
    if any tenant has a live order of one of the numbers.
    """
    require(actor, Right.ORDER_NUMBERS, tenant.pk)
    tenant = _locked(tenant)
    if earlier := OrderGroup.objects.filter(tenant=tenant, form_token=form_token).first():
        return _same_click(earlier, numbers)
    asked = validation.check(numbers, comment, email, reason)
    group = _new_group(actor, tenant, asked, form_token)
    group.save(force_insert=True)
    for number in sorted(asked.numbers):
        order = _insert(group, number)
        changes = {"comment": [None, order.comment or None], "email": [None, group.email or None]}
        record_event(order, Verb.ORDER_DRAFTED, actor, changes=changes, reason=group.reason)
    return group


@atomic
def confirm_group(
    actor: Actor, group: OrderGroup, *, cost: str = "", accept_unknown_cost: bool = False, ask_approval: bool = False
) -> OrderGroup:
    """Confirm drafts: order them on behalf of the user who confirms.

    `cost` is the cost that the user accepted; it must still be correct. If the tenant's policy says so, or if
    `ask_approval` is set, the orders wait for a second person; otherwise they are queued now. A repeat changes nothing.
    Raises ValidationError.
    """
    require(actor, Right.ORDER_NUMBERS, group.tenant_id)
    tenant = _locked(group.tenant)
    group = OrderGroup.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=group.pk)
    if group.confirmed_at is not None:
        return group
    drafts = list(group.orders.filter(state=OrderState.DRAFT).order_by("number"))
    if not drafts:
        raise ValidationError("All of these drafts were cancelled. Search for numbers again.")
    now_costs = cost_now(len(drafts))
    _demand_acceptance(now_costs, cost, accept_unknown_cost=accept_unknown_cost)
    policy = policy_of(tenant)
    refuse_above_cap(policy, now_costs)
    _keep_cost(group, now_costs)
    group.approval_reason = why_approval(actor, policy, now_costs) or (ASKED_FOR if ask_approval else "")
    group.confirmed_at, group.needs_approval = timezone.now(), bool(group.approval_reason)
    group.confirmed_by_id, group.confirmed_by_label, group.confirmed_by_kind = actor.user_id, actor.label, actor.kind
    group.save()
    for order in drafts:
        _confirm(actor, group, order)
    if group.needs_approval:
        announce(NoticeKind.APPROVAL, group.pk, group.tenant_id)
    failpoint("order.confirm.uncommitted")
    return group


@atomic
def place_orders(  # noqa: PLR0913 - the fields of the form, and the accepted cost
    actor: Actor,
    tenant: Tenant,
    *,
    numbers: Sequence[str],
    form_token: UUID | None = None,
    comment: str = "",
    email: str = "",
    reason: str = "",
    cost: str = "",
    accept_unknown_cost: bool = False,
) -> OrderGroup:
    """Draft and confirm in one step, after the cost was accepted: all numbers or none. Raises ValidationError."""
    group = draft_orders(
        actor,
        tenant,
        numbers=numbers,
        form_token=form_token or uuid.uuid4(),
        comment=comment,
        email=email,
        reason=reason,
    )
    return confirm_group(actor, group, cost=cost, accept_unknown_cost=accept_unknown_cost)


@atomic
def approve_group(actor: Actor, group: OrderGroup, *, seen: ToApprove | None = None) -> OrderGroup:
    """Approve orders, which queues them at today's cost; nobody approves their own.

    `seen` is what the page showed: if it has changed since, nothing is approved. Raises ValidationError.
    """
    group = _to_decide(actor, group)
    now = to_approve(group)
    if changes := (seen or now).changes_to(now):
        raise ValidationError(["This order changed since you opened the page, so nothing was approved.", *changes])
    costs = cost_now(len(now.numbers))
    refuse_above_cap(policy_of(group.tenant), costs, without=group)
    _keep_cost(group, costs)
    _decide(actor, group)
    for order in group.orders.filter(state=OrderState.AWAITING_APPROVAL).order_by("number"):
        _try_move(
            order, OrderState.QUEUED, Verb.ORDER_APPROVED, actor, reason=group.cost_accepted, due_at=timezone.now()
        )
        wake(order)
    return group


@atomic
def decline_group(actor: Actor, group: OrderGroup, *, reason: str) -> OrderGroup:
    """Decline orders that wait for approval, with a reason. Raises ValidationError."""
    reason = _reason(reason, "Say why you decline it. Whoever asked reads it.")
    group = _to_decide(actor, group)
    _decide(actor, group, reason=reason)
    for order in group.orders.filter(state=OrderState.AWAITING_APPROVAL).order_by("number"):
        _try_move(order, OrderState.DECLINED, Verb.ORDER_DECLINED, actor, sentence=f"{reason} {NOTHING_SENT}")
    return group


def note_decision(actor: Actor, group: OrderGroup) -> None:
    """Acknowledge the decision about one's own order; a repeat changes nothing."""
    if actor.user_id is None or actor.user_id != group.orderer.user_id:
        raise PermissionDenied
    mine = OrderGroup.objects.filter(pk=group.pk, decided_at__isnull=False, decision_noted_at=None)
    mine.update(decision_noted_at=timezone.now())


@atomic
def cancel_order(actor: Actor, order: NumberOrder, *, reason: str = "") -> NumberOrder:
    """Cancel one order before it is sent; a repeat changes nothing. Raises ValidationError."""
    require(actor, Right.ORDER_NUMBERS, order.tenant_id)
    order = NumberOrder.objects.select_for_update(of=("self",), no_key=True).select_related("group").get(pk=order.pk)
    if order.state == OrderState.CANCELLED:
        return order
    if order.state not in NOT_SENT_YET:
        raise ValidationError(
            f"This order is {order.get_state_display().lower()} already, so it cannot be cancelled any more."
        )
    why = f"{_reason(reason)} {NOTHING_SENT}".strip()
    _try_move(order, OrderState.CANCELLED, Verb.ORDER_CANCELLED, actor, sentence=why)
    return order


@atomic
def cancel_drafts(actor: Actor, group: OrderGroup) -> int:
    """Cancel the drafts of a group; return how many. Raises ValidationError.

    If the group has no drafts any more, for example because they were confirmed in another tab, the error reports the
    states of its orders.
    """
    require(actor, Right.ORDER_NUMBERS, group.tenant_id)
    group = OrderGroup.objects.select_for_update(of=("self",), no_key=True).get(pk=group.pk)
    drafts = list(group.orders.filter(state=OrderState.DRAFT).order_by("number"))
    if not drafts and group.orders.exclude(state=OrderState.CANCELLED).exists():
        raise ValidationError(f"Nothing was cancelled: these are no drafts any more. {standing(group)}")
    for order in drafts:
        cancel_order(actor, order)
    return len(drafts)


def standing(group: OrderGroup) -> str:
    """Return the states of a group's orders, one sentence per order."""
    orders = group.orders.order_by("number")
    return " ".join(
        f"The order of {phone_words(order.number)} is {order.get_state_display().lower()}." for order in orders
    )


@atomic
def note_refusal(actor: Actor, order: NumberOrder) -> NumberOrder:
    """Acknowledge a refusal, so that it no longer waits for a person; a repeat changes nothing."""
    require(actor, Right.ORDER_NUMBERS, order.tenant_id)
    noted = NumberOrder.objects.filter(pk=order.pk, state=OrderState.REFUSED, noted_at=None)
    if noted.update(noted_at=timezone.now()):
        record_event(order, Verb.ORDER_REFUSAL_NOTED, actor, changes={"noted": [False, True]})
    order.refresh_from_db()
    return order


def cost_now(count: int) -> Cost:
    """Return today's cost of this many numbers."""
    return cost_of(count, pricing.rate_now())


def lock_archive(tenant: Tenant) -> str | None:
    """Return why a tenant with orders in progress cannot be archived, or None."""
    if NumberOrder.objects.filter(tenant=tenant, state__in=LIVE - {OrderState.DRAFT, OrderState.COMPLETED}).exists():
        return "Orders of numbers are on their way for this tenant. Wait until they have ended, or cancel them."
    return None


def lock_erasure(text: str) -> str | None:
    """Return why an e-mail address cannot be erased while an unsent order needs it, or None."""
    waiting = NumberOrder.objects.filter(state__in=NOT_SENT_YET | {OrderState.SENDING})
    if waiting.filter(group__email__iexact=text).exists():
        return "An order that is not sent yet holds this address. Cancel it, or wait until it was sent."
    return None


def _locked(tenant: Tenant) -> Tenant:
    """Return the tenant, locked, so that only one order at a time checks its policy, its cap and its form tokens."""
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    refuse_if_archived(tenant)
    return tenant


def _same_click(earlier: OrderGroup, numbers: Sequence[str]) -> OrderGroup:
    if set(earlier.orders.values_list("number", flat=True)) != {validation.number(each) for each in numbers}:
        raise ValidationError("This form was sent already, with other numbers. Search again to order these.")
    return earlier


def _new_group(actor: Actor, tenant: Tenant, asked: validation.OrderInput, form_token: UUID) -> OrderGroup:
    access = readable_access_of(tenant)
    if access is None:
        raise ValidationError(
            "Numbers can be ordered for tenants that are set up with Genesys Cloud CX, and this one is not. "
            "Have an administrator set it up first."
        )
    return OrderGroup(
        tenant=tenant,
        form_token=form_token,
        login_url=access.login_url,
        api_url=access.api_url,
        client_id=access.client_id,
        comment=asked.comment,
        email=asked.email,
        reason=asked.reason,
        asked_at=timezone.now(),
        asked_by_id=actor.user_id,
        asked_by_label=actor.label,
        asked_by_kind=actor.kind,
        request_id=current().request_id,
    )


def _insert(group: OrderGroup, number: str) -> NumberOrder:
    order = NumberOrder(
        tenant=group.tenant, group=group, number=number, comment=group.comment, created_at=group.asked_at
    )
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError as error:
        # The message does not say whose order it is: it may be another tenant's.
        raise ValidationError(
            {"numbers": f"{phone_words(number)} has a live order already. Search for another number."}, code="taken"
        ) from error
    return order


def _demand_acceptance(costs: Cost, accepted: str, *, accept_unknown_cost: bool) -> None:
    if not costs.is_known:
        if not accept_unknown_cost:
            raise ValidationError(
                "The cost is unknown, since no rate is set. Say yes to that explicitly, or have a rate set first.",
                code="cost_unknown",
            )
    elif accepted != costs.words:
        raise ValidationError(
            f"This costs {costs.words}. Look at the cost and confirm it in these words.", code="cost_changed"
        )


def _keep_cost(group: OrderGroup, costs: Cost) -> None:
    group.rate = pricing.rate_now()
    group.monthly, group.once, group.currency = costs.monthly, costs.once, costs.currency
    group.cost_accepted = costs.words


def _confirm(actor: Actor, group: OrderGroup, order: NumberOrder) -> None:
    if group.needs_approval:
        _try_move(order, OrderState.AWAITING_APPROVAL, Verb.ORDER_CONFIRMED, actor, reason=group.cost_accepted)
        return
    _try_move(order, OrderState.QUEUED, Verb.ORDER_CONFIRMED, actor, reason=group.cost_accepted, due_at=timezone.now())
    wake(order)


def _to_decide(actor: Actor, group: OrderGroup) -> OrderGroup:
    """Return the group, locked, for a decision; raises ValidationError if it was decided already."""
    require(actor, Right.APPROVE_ORDER, group.tenant_id)
    _locked(group.tenant)
    group = OrderGroup.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=group.pk)
    refuse_own(actor, group)
    if group.decided_at is not None:
        raise ValidationError(f"{group.decided_by_label} has decided about this already.")
    if not group.orders.filter(state=OrderState.AWAITING_APPROVAL).exists():
        raise ValidationError("Nothing of this waits for an approval any more: its orders ended.")
    return group


def _decide(actor: Actor, group: OrderGroup, *, reason: str = "") -> None:
    """Store who decided, and notify the user who ordered."""
    group.decided_at, group.decision_reason = timezone.now(), reason
    group.decided_by_id, group.decided_by_label = actor.user_id, actor.label
    group.save()
    announce(NoticeKind.DECIDED, group.pk, group.tenant_id)


def _try_move(order: NumberOrder, to: OrderState, verb: Verb, actor: Actor, **facts: Any) -> None:
    """Change the order's state; raises ValidationError if somebody else has changed it."""
    try:
        transition(order, to, verb, actor, **facts)
    except Overtaken as error:
        raise ValidationError(
            f"The order of {phone_words(order.number)} moved on at this moment. Look at it again."
        ) from error


def _reason(entered: str, needed: str = "") -> str:
    return validation.checked_text("reason", entered, needed=needed)
