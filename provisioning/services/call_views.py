"""Call list: all requests of one subject, such as a step, an order or a test. Other pages show only the newest."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.permission import require
from portal.accounts.requests import actor_of
from portal.accounts.rights import Right
from portal.http_client.models import Call
from portal.http_client.presenters import MOST_SHOWN, as_shown
from portal.tenants.scope import tenant_or_404
from portal.ui.paging import keyset_page

_OPEN = "no answer is on record"
#: The most digits of a call's id in the URL; more could overflow the database column.
_MOST_DIGITS = 18


@require_GET
def call_list(request: HttpRequest, tenant_id: UUID, subject_id: UUID) -> HttpResponse:
    """Show the requests, the newest first; with `?call=` a single one with its full texts."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.VIEW_NUMBERS, tenant.pk)
    calls = Call.objects.filter(tenant_id=tenant.pk, subject_id=subject_id)
    one = request.GET.get("call", "")
    if one:
        is_number = one.isascii() and one.isdigit() and len(one) <= _MOST_DIGITS
        calls = calls.filter(pk=int(one)) if is_number else calls.none()
    page = keyset_page(calls, request, ("id",), MOST_SHOWN)
    if not page.items:
        raise Http404
    context = {
        "tenant": tenant,
        "subject_id": subject_id,
        "page": page,
        "calls": [as_shown(call, _OPEN, whole=bool(one)) for call in page.items],
        "one": one,
    }
    return render(request, "provisioning/calls.html", context)
