"""Views of one order: its page with advice and timeline, its evidence, and cancelling, acknowledging and comments."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.permission import require
from portal.accounts.requests import actor_of
from portal.accounts.rights import Right
from portal.ui.forms import tell_at_fields
from portal.ui.paging import keyset_page
from senders.models import SenderId
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.actions import cancel_order, note_refusal
from tollfree.orders.comments import change_comment
from tollfree.orders.forms import CommentForm
from tollfree.orders.models import NumberOrder
from tollfree.orders.owned_already import explaining_order, is_yours
from tollfree.orders.review import was_decided_placed
from tollfree.orders.states import NOT_SENT_YET, OrderState
from tollfree.orders.timeline import IS_YOURS, TO_DO, timeline_of, with_facts
from tollfree.orders.views.shortcuts import allowed, order_or_404, run_action, show_anew

#: Refresh intervals of the page in seconds: for states that change soon, and for those that take longer.
_SOON, _LATER = 1, 3
EVIDENCE_SHOWN = 50
_ASKS_AGAIN = dict.fromkeys((OrderState.QUEUED, OrderState.SENDING), _SOON)
_ASKS_AGAIN |= dict.fromkeys((OrderState.UNKNOWN, OrderState.PLACED, OrderState.AWAITING_APPROVAL), _LATER)


@require_GET
def order_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show the whole page."""
    return render(request, "tollfree/orders/order.html", _context(request, order_or_404(request, order_id)))


@require_GET
def order_timeline(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show the timeline, which refreshes itself until nothing more happens."""
    return render(request, "tollfree/orders/timeline.html", _context(request, order_or_404(request, order_id)))


@require_GET
def evidence_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """List all evidence about the order, newest first."""
    order = order_or_404(request, order_id)
    page = keyset_page(order.evidence.all(), request, ("id",), EVIDENCE_SHOWN)
    context = {"order": order, "tenant": order.tenant, "page": page, "evidence": with_facts(page.items)}
    return render(request, "tollfree/orders/evidence_page.html", context)


@require_POST
def cancel(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Cancel the order before it is sent."""
    order = order_or_404(request, order_id)
    run_action(request, lambda: cancel_order(actor_of(request), order), "The order is cancelled. Nothing was sent.")
    return redirect("order", order_id=order.pk)


@require_POST
def note(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Acknowledge a refusal."""
    order = order_or_404(request, order_id)
    run_action(request, lambda: note_refusal(actor_of(request), order))
    return redirect("order", order_id=order.pk)


@require_http_methods(["GET", "POST"])
def comment_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Change the number's comment, in Genesys Cloud and here."""
    order = order_or_404(request, order_id)
    require(actor_of(request), Right.ORDER_NUMBERS, order.tenant_id)
    shown = {"comment": order.comment, "seen": order.comment}
    form = CommentForm(request.POST if request.method == "POST" else None, initial=shown)
    if request.method == "POST" and form.is_valid():
        try:
            change_comment(
                actor_of(request), order, comment=form.cleaned_data["comment"], seen=request.POST.get("seen")
            )
        except ValidationError as error:
            tell_at_fields(form, error)
            show_anew(form, request.POST, seen=order.comment)
        else:
            return redirect("order", order_id=order.pk)
    return render(request, "tollfree/orders/comment.html", {"order": order, "tenant": order.tenant, "form": form})


def _context(request: HttpRequest, order: NumberOrder) -> dict[str, object]:
    state, tenant = OrderState(order.state), order.tenant
    may_order, may_review = allowed(request, Right.ORDER_NUMBERS, tenant), allowed(request, Right.REVIEW_ORDER, tenant)
    yours = is_yours(order)
    return {
        "order": order,
        "group": order.group,
        "tenant": tenant,
        "to_do": IS_YOURS if yours else TO_DO[state],
        "is_yours": yours,
        "explained_by": explaining_order(order) if yours else None,
        "story": timeline_of(order),
        "asks_again": _ASKS_AGAIN.get(state),
        "owned": OwnedNumber.objects.filter(order=order).first(),
        "sender": _sender_of(order) if state == OrderState.COMPLETED else None,
        "may_finish": allowed(request, Right.RUN_SETUP, tenant),
        "may_cancel": may_order and state in NOT_SENT_YET,
        "may_comment": may_order and state in {OrderState.PLACED, OrderState.COMPLETED},
        "may_note": may_order and state == OrderState.REFUSED and order.noted_at is None,
        "may_review": may_review,
        "may_undo": may_review and was_decided_placed(order),
        "may_approve": allowed(request, Right.APPROVE_ORDER, tenant),
    }


def _sender_of(order: NumberOrder) -> SenderId | None:
    return SenderId.objects.filter(tenant_id=order.tenant_id, number=order.number).first()
