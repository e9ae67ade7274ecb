"""Views of requests to the Genesys representative: inbox, new request, one request with its answers."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.accounts.permission import may, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.tenants.models import Tenant
from portal.tenants.scope import set_current_tenant, tenant_or_404, tenants_of
from portal.ui.forms import tell_at_fields
from portal.ui.paging import keyset_page
from senders.phone_numbers import parse
from tollfree.requests.actions import (
    answer_request,
    has_representative,
    reply_to_request,
    send_request,
    withdraw_request,
)
from tollfree.requests.forms import AnswerForm, AskForm, ReplyForm
from tollfree.requests.models import PENDING, NumberRequest, RequestKind, RequestState


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """List the requests of all tenants that the user can see, newest first; finished ones on a separate page."""
    settled = "settled" in request.GET
    rows = _visible(request)
    rows = rows.exclude(state__in=PENDING) if settled else rows.filter(state__in=PENDING)
    page = keyset_page(rows.select_related("tenant"), request, key=("asked_at", "id"))
    return render(request, "tollfree/inbox.html", {"page": page, "settled": settled})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Send a request to the representative."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.ASK_REPRESENTATIVE, tenant.pk)
    kind = request.GET.get("kind", "")
    initial = {"kind": kind if kind in RequestKind.values else RequestKind.EXISTING_NUMBER}
    form = AskForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            asked = send_request(actor_of(request), tenant, **form.cleaned_data)
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            _tell_who_has_it(request, asked, "request")
            if asked.number and (warning := parse(asked.number).warning):
                messages.warning(request, warning)
            return redirect("tollfree:request", request_id=asked.pk)
    return render(
        request, "tollfree/ask.html", {"form": form, "tenant": tenant, **_about_representatives(request, tenant)}
    )


@require_http_methods(["GET", "POST"])
def request_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show one request with its answer; the representative answers it here."""
    asked = _asked_or_404(request, request_id)
    form = AnswerForm(request.POST or None)
    if request.method == "POST":
        require(actor_of(request), Right.ANSWER_REQUEST, asked.tenant_id)
        if form.is_valid() and _answered(request, asked, form):
            return redirect("tollfree:request", request_id=asked.pk)
    return _page(request, asked, answer_form=form)


@require_POST
def reply(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Reply to the representative's question."""
    asked = _asked_or_404(request, request_id)
    require(actor_of(request), Right.ASK_REPRESENTATIVE, asked.tenant_id)
    form = ReplyForm(request.POST)
    if form.is_valid():
        try:
            reply_to_request(actor_of(request), asked, **form.cleaned_data)
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            _tell_who_has_it(request, asked, "reply")
            return redirect("tollfree:request", request_id=asked.pk)
    if asked.state != RequestState.ANSWERED:
        messages.error(request, "It does not wait for a reply.")
        return redirect("tollfree:request", request_id=asked.pk)
    return _page(request, asked, reply_form=form)


def _tell_who_has_it(request: HttpRequest, asked: NumberRequest, what: str) -> None:
    if has_representative(asked.tenant_id):
        messages.success(request, f"The {what} is in the representative's inbox.")
    else:
        messages.warning(request, f"The {what} is kept, but nobody has it yet: this tenant has no representative.")


def _page(
    request: HttpRequest,
    asked: NumberRequest,
    *,
    answer_form: AnswerForm | None = None,
    reply_form: ReplyForm | None = None,
) -> HttpResponse:
    user = user_of(request)
    may_answer = asked.is_pending and may(user, Right.ANSWER_REQUEST, asked.tenant_id)
    may_ask = asked.is_pending and may(user, Right.ASK_REPRESENTATIVE, asked.tenant_id)
    may_reply = may_ask and asked.state == RequestState.ANSWERED
    context = {
        "asked": asked,
        "tenant": asked.tenant,
        "form": (answer_form or AnswerForm()) if may_answer else None,
        "reply_form": (reply_form or ReplyForm()) if may_reply else None,
        "may_withdraw": may_ask,
        "may_order": asked.is_pending and may(user, Right.ORDER_NUMBERS, asked.tenant_id),
        **_about_representatives(request, asked.tenant),
    }
    return render(request, "tollfree/request.html", context)


def _about_representatives(request: HttpRequest, tenant: Tenant) -> dict[str, bool]:
    """Return whether the tenant has no representative, and whether the user may add one."""
    return {"nobody_has_it": not has_representative(tenant.pk), "may_add": may(user_of(request), Right.MANAGE_PEOPLE)}


@require_POST
def withdraw(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Withdraw a request."""
    asked = _asked_or_404(request, request_id)
    try:
        withdraw_request(actor_of(request), asked)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The request was withdrawn.")
    return redirect("tollfree:request", request_id=asked.pk)


def _answered(request: HttpRequest, asked: NumberRequest, form: AnswerForm) -> bool:
    try:
        answer_request(actor_of(request), asked, **form.cleaned_data)
    except ValidationError as error:
        tell_at_fields(form, error)
        return False
    messages.success(request, "The answer is kept with the request.")
    return True


def _visible(request: HttpRequest) -> QuerySet[NumberRequest]:
    return NumberRequest.objects.filter(tenant__in=tenants_of(request))


def _asked_or_404(request: HttpRequest, request_id: UUID) -> NumberRequest:
    asked = get_object_or_404(_visible(request).select_related("tenant"), pk=request_id)
    set_current_tenant(request, asked.tenant)
    return asked
