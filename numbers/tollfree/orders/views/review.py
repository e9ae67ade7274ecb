"""Views of an order's review: decide on the evidence, undo a decision, look again."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.accounts.permission import require
from portal.accounts.requests import actor_of
from portal.accounts.rights import Right
from portal.http_client.presenters import calls_of
from portal.ui.forms import tell_at_fields
from portal.ui.paging import keyset_page
from tollfree.orders.forms import DECISIONS, ReviewForm, UndoForm
from tollfree.orders.models import NumberOrder
from tollfree.orders.review import decide_not_placed, decide_placed, look_again, undo_decision, was_decided_placed
from tollfree.orders.states import OrderState
from tollfree.orders.timeline import with_facts
from tollfree.orders.views.shortcuts import order_or_404, run_action, run_action_with_reason

EVIDENCE_SHOWN = 20


@require_http_methods(["GET", "POST"])
def review_page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Show the evidence and the forms for both decisions."""
    order = order_or_404(request, order_id)
    require(actor_of(request), Right.REVIEW_ORDER, order.tenant_id)
    form = _form(request.POST.get("decision", ""), request.POST) if request.method == "POST" else ReviewForm()
    if request.method == "POST" and form.is_valid() and _decided(request, order, form):
        return redirect("order", order_id=order.pk)
    return _page(request, order, form)


@require_POST
def undo(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Undo the decision that the order was placed."""
    order = order_or_404(request, order_id)
    require(actor_of(request), Right.REVIEW_ORDER, order.tenant_id)
    form = UndoForm(request.POST)
    if run_action_with_reason(request, form, lambda reason: undo_decision(actor_of(request), order, reason=reason)):
        return redirect("order_review", order_id=order.pk)
    return _page(request, order, ReviewForm(), form)


def _page(request: HttpRequest, order: NumberOrder, form: ReviewForm, undoing: UndoForm | None = None) -> HttpResponse:
    order.refresh_from_db()
    page = keyset_page(order.evidence.all(), request, ("id",), EVIDENCE_SHOWN, within="evidence")
    context = {
        "order": order,
        "tenant": order.tenant,
        "form": form,
        # Each of the two decisions has its own form and reason; the submitted form shows its errors.
        "forms": {name: form if form["decision"].value() == name else _form(name) for name in DECISIONS},
        "waits": order.state == OrderState.UNDER_REVIEW,
        "can_undo": was_decided_placed(order),
        "undoing": undoing or UndoForm(),
        "evidence": with_facts(page.items),
        "page": page,
        "calls": calls_of([order.pk])[order.pk],
    }
    return render(request, "tollfree/orders/review.html", context)


@require_POST
def look(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Have a worker look again."""
    order = order_or_404(request, order_id)
    run_action(
        request, lambda: look_again(actor_of(request), order), "A worker looks once more. Nothing is sent again."
    )
    return redirect("order", order_id=order.pk)


def _form(decision: str, data: QueryDict | None = None) -> ReviewForm:
    """Return the form of one decision; both forms are on one page, so their fields need distinct ids."""
    return ReviewForm(
        data, initial={"decision": decision}, auto_id=f"id_{decision}_%s" if decision in DECISIONS else "id_%s"
    )


def _decided(request: HttpRequest, order: NumberOrder, form: ReviewForm) -> bool:
    decide = decide_placed if form.cleaned_data["decision"] == "placed" else decide_not_placed
    try:
        decide(actor_of(request), order, reason=form.cleaned_data["reason"])
    except ValidationError as error:
        tell_at_fields(form, error)
        return False
    return True
