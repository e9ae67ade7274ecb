"""The history's page."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.permission import may, tenants_within_reach
from portal.accounts.requests import user_of
from portal.accounts.rights import Right
from portal.audit.models import SITE_CHAIN, Event
from portal.frame.paging import keyset_page
from portal.history.lines import lines
from portal.tenants.models import Tenant
from portal.tenants.scope import tenant_or_404


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    """Every event that the person may read, of one tenant if the query names it, the newest first."""
    tenant = None
    if wanted := request.GET.get("tenant"):
        tenant = tenant_or_404(request, _uuid(wanted))
    events = _events(request, tenant)
    if about := request.GET.get("person"):
        events = events.filter(_about_person(_uuid(about)))
    page = keyset_page(events, request, key=("at", "id"), size=50)
    return render(request, "history/list.html", {"page": page, "lines": lines(page.items), "tenant": tenant})


def _events(request: HttpRequest, tenant: Tenant | None) -> QuerySet[Event]:
    user = user_of(request)
    readable = Tenant.objects.filter(tenants_within_reach(user, Right.VIEW_HISTORY))
    if tenant is not None:
        readable = readable.filter(pk=tenant.pk)
    chains = [str(pk) for pk in readable.values_list("pk", flat=True)]
    if tenant is None and may(user, Right.VIEW_SITE_HISTORY):
        chains.append(SITE_CHAIN)
    return Event.objects.filter(chain__in=chains)


def _about_person(user_id: UUID) -> Q:
    """Return the filter on what a person did, and on what was done to them."""
    return Q(actor_id=user_id) | Q(target_type="person", target_id=str(user_id))


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)  # no tenant has it, so it answers like one that does not exist
