"""Views of a group of orders: confirm the cost, cancel drafts, approve or decline, acknowledge the decision."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.permission import require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.accounts.step_up import ask_for_proof
from tollfree.orders.actions import (
    approve_group,
    cancel_drafts,
    confirm_group,
    cost_now,
    decline_group,
    note_decision,
    standing,
)
from tollfree.orders.approval import ToApprove, to_approve, why_approval
from tollfree.orders.approval_rules import policy_of
from tollfree.orders.forms import ReasonForm
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.pricing import Cost
from tollfree.orders.states import OrderState
from tollfree.orders.views.shortcuts import allowed, group_or_404, run_action, run_action_with_reason, why_not_approve

_ASKED = "A second person is asked to approve it. Nothing is ordered before, and you are told of the decision."
#: States that change automatically and soon, so the page refreshes.
_WATCHED = frozenset({OrderState.QUEUED, OrderState.SENDING, OrderState.UNKNOWN, OrderState.PLACED})


@require_GET
def group_page(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Show the group and the actions that are possible now."""
    return _page(request, group_or_404(request, group_id), ReasonForm())


@require_POST
def confirm(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Confirm the group at the cost that the page showed."""
    group = group_or_404(request, group_id)
    if proof := ask_for_proof(request, back=reverse("order_group", args=[group.pk])):
        return proof
    said = {name: name in request.POST for name in ("accept_unknown_cost", "ask_approval")}
    was_confirmed = group.confirmed_at is not None
    if not run_action(
        request, lambda: confirm_group(actor_of(request), group, cost=request.POST.get("cost", ""), **said)
    ):
        return redirect("order_group", group_id=group.pk)
    group.refresh_from_db()
    if group.orders.filter(state=OrderState.AWAITING_APPROVAL).exists():
        messages.info(request, _ASKED)
    elif was_confirmed:  # in another tab, or by somebody else
        messages.info(request, f"This was confirmed already. {standing(group)}")
    return _onward(group)


@require_POST
def cancel(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Cancel the group's drafts, all or none."""
    group = group_or_404(request, group_id)
    if run_action(request, lambda: cancel_drafts(actor_of(request), group)):
        others = group.orders.exclude(state=OrderState.CANCELLED).exists()
        messages.success(request, f"The drafts are cancelled. {standing(group) if others else 'Nothing was ordered.'}")
        return redirect("orders", tenant_id=group.tenant_id)
    return redirect("order_group", group_id=group.pk)


@require_POST
def approve(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Approve the group's orders."""
    group = group_or_404(request, group_id)
    if proof := ask_for_proof(request, back=reverse("order_group", args=[group.pk])):
        return proof
    seen = _seen(request.POST)
    if run_action(
        request, lambda: approve_group(actor_of(request), group, seen=seen), "Approved. The orders are sent now."
    ):
        return _onward(group)
    return redirect("order_group", group_id=group.pk)


@require_POST
def decline(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Decline the group's orders, with a reason."""
    group = group_or_404(request, group_id)
    require(actor_of(request), Right.APPROVE_ORDER, group.tenant_id)
    form = ReasonForm(request.POST)
    if run_action_with_reason(request, form, lambda reason: decline_group(actor_of(request), group, reason=reason)):
        return redirect("order_group", group_id=group.pk)
    return _page(request, group, form)


@require_POST
def note(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Acknowledge the decision about one's own order."""
    group = group_or_404(request, group_id)
    note_decision(actor_of(request), group)
    return redirect("order_group", group_id=group.pk)


def _seen(posted: QueryDict) -> ToApprove | None:
    """Return what the approver's page showed."""
    if "seen_cost" not in posted:
        return None
    return ToApprove(tuple(posted.getlist("seen_number")), posted.get("seen_cost", ""), posted.get("seen_orderer", ""))


def _onward(group: OrderGroup) -> HttpResponse:
    """Redirect to the order if the group has only one, otherwise to the group's page."""
    orders = list(group.orders.all()[:2])
    if len(orders) == 1:
        return redirect("order", order_id=orders[0].pk)
    return redirect("order_group", group_id=group.pk)


def _page(request: HttpRequest, group: OrderGroup, form: ReasonForm) -> HttpResponse:
    orders = list(group.orders.order_by("number"))
    states = {OrderState(order.state) for order in orders}
    drafts = sum(order.state == OrderState.DRAFT for order in orders)
    waits = OrderState.AWAITING_APPROVAL in states
    may_order = allowed(request, Right.ORDER_NUMBERS, group.tenant)
    cost = cost_now(drafts) if drafts else _agreed(group, orders)
    context = {
        "tenant": group.tenant,
        "group": group,
        "orders": orders,
        "drafts": drafts,
        "cost": cost,
        "approval": why_approval(actor_of(request), policy_of(group.tenant), cost) if drafts and may_order else "",
        "to_approve": to_approve(group) if waits else None,
        "waits": waits,
        "own": why_not_approve(request, group) if waits else "",
        "live": bool(states & _WATCHED) and not waits and not drafts,
        "form": form,
        "may_order": may_order,
        "may_approve": waits and allowed(request, Right.APPROVE_ORDER, group.tenant),
        "may_note": _may_note(request, group),
    }
    return render(request, "tollfree/orders/group.html", context)


def _agreed(group: OrderGroup, orders: Sequence[NumberOrder]) -> Cost:
    """Return the confirmed cost of the orders that were not cancelled or declined."""
    count = sum(order.state not in {OrderState.CANCELLED, OrderState.DECLINED} for order in orders)
    return Cost(count, group.monthly, group.once, group.currency)


def _may_note(request: HttpRequest, group: OrderGroup) -> bool:
    mine = group.confirmed_by_id == user_of(request).pk
    return mine and group.decided_at is not None and group.decision_noted_at is None
