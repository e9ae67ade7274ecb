"""What was ordered together: the last look before it is bought, and the second person's decision."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.requests import actor_of
from portal.accounts.rights import Right
from portal.accounts.step_up import ask_for_proof
from tollfree.orders.actions import approve_group, cancel_drafts, confirm_group, cost_now, decline_group, standing
from tollfree.orders.forms import ReasonForm
from tollfree.orders.models import OrderGroup
from tollfree.orders.policy import policy_of
from tollfree.orders.rates import Cost
from tollfree.orders.states import OrderState
from tollfree.orders.views.finding import allowed, group_or_404, told, told_at_reason, why_not_approve

#: Something happens by itself, soon enough to watch.
_WATCHED = frozenset({OrderState.QUEUED, OrderState.SENDING, OrderState.UNKNOWN, OrderState.PLACED})


@require_GET
def group_page(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """What was ordered together, and what can be done about it now."""
    return _page(request, group_or_404(request, group_id), ReasonForm())


@require_POST
def confirm(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Order it at the cost that the page showed."""
    group = group_or_404(request, group_id)
    if proof := ask_for_proof(request, back=reverse("order_group", args=[group.pk])):
        return proof
    cost, unknown = request.POST.get("cost", ""), "accept_unknown_cost" in request.POST
    if told(request, lambda: confirm_group(actor_of(request), group, cost=cost, accept_unknown_cost=unknown)):
        return _onward(group)
    return redirect("order_group", group_id=group.pk)


@require_POST
def cancel(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Cancel the drafts, all or none."""
    group = group_or_404(request, group_id)
    if told(request, lambda: cancel_drafts(actor_of(request), group)):
        others = group.orders.exclude(state=OrderState.CANCELLED).exists()
        messages.success(request, f"The drafts are cancelled. {standing(group) if others else 'Nothing was ordered.'}")
        return redirect("orders", tenant_id=group.tenant_id)
    return redirect("order_group", group_id=group.pk)


@require_POST
def approve(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Let it be sent."""
    group = group_or_404(request, group_id)
    if proof := ask_for_proof(request, back=reverse("order_group", args=[group.pk])):
        return proof
    if told(request, lambda: approve_group(actor_of(request), group), "Approved. The orders are sent now."):
        return _onward(group)
    return redirect("order_group", group_id=group.pk)


@require_POST
def decline(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """End it, with a reason."""
    group = group_or_404(request, group_id)
    form = ReasonForm(request.POST)
    if told_at_reason(request, form, lambda reason: decline_group(actor_of(request), group, reason=reason)):
        return redirect("order_group", group_id=group.pk)
    return _page(request, group, form)


def _onward(group: OrderGroup) -> HttpResponse:
    """Go to the one order, or to the page of all of them."""
    orders = list(group.orders.all()[:2])
    if len(orders) == 1:
        return redirect("order", order_id=orders[0].pk)
    return redirect("order_group", group_id=group.pk)


def _page(request: HttpRequest, group: OrderGroup, form: ReasonForm) -> HttpResponse:
    orders = list(group.orders.order_by("number"))
    states = {OrderState(order.state) for order in orders}
    drafts = sum(order.state == OrderState.DRAFT for order in orders)
    waits = OrderState.AWAITING_APPROVAL in states
    policy = policy_of(group.tenant)
    context = {
        "tenant": group.tenant,
        "group": group,
        "orders": orders,
        "drafts": drafts,
        "cost": cost_now(drafts) if drafts else _agreed(group, len(orders)),
        "approval": drafts >= policy.approve_from,
        "waits": waits,
        "own": why_not_approve(request, group) if waits else "",
        "live": bool(states & _WATCHED) and not waits and not drafts,
        "form": form,
        "may_order": allowed(request, Right.ORDER_NUMBERS, group.tenant),
        "may_approve": waits and allowed(request, Right.APPROVE_ORDER, group.tenant),
    }
    return render(request, "tollfree/orders/group.html", context)


def _agreed(group: OrderGroup, count: int) -> Cost:
    """Return the cost that was confirmed; it stays what it was, whatever numbers cost today."""
    return Cost(count, group.monthly, group.once, group.currency)
