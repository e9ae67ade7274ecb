"""Services page of a tenant: what each service holds, what is wanted, and three ways to resolve a difference."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.requests import actor_of
from portal.accounts.step_up import ask_for_proof
from portal.http_client.presenters import CallOnPage, calls_of
from portal.tenants.models import Tenant
from portal.tenants.scope import tenant_or_404, tenants_of
from provisioning.models import Service, ServiceState
from provisioning.runs.snapshots import differences
from provisioning.services.actions import ask_check, mark_done_by_hand, replace_service
from provisioning.shortcuts import may_run


@require_GET
def service_list(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Show every service with its differences and actions."""
    tenant = tenant_or_404(request, tenant_id)
    return render(request, "provisioning/services.html", _context(request, tenant))


@require_GET
def service_table(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Render the part of that page that refreshes while a check runs."""
    tenant = tenant_or_404(request, tenant_id)
    return render(request, "provisioning/services_table.html", _context(request, tenant))


@require_POST
def service_replace(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Try to replace the service; the run page shows the result."""
    service = _service_or_404(request, service_id)
    if proof := ask_for_proof(request, back=reverse("services", args=[service.tenant_id])):
        return proof
    try:
        setup = replace_service(actor_of(request), service)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("services", tenant_id=service.tenant_id)
    return redirect("setup", setup_id=setup.pk)


@require_POST
def service_by_hand(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Record that the service was changed by hand."""
    return _act(request, service_id, mark_done_by_hand)


@require_POST
def service_check(request: HttpRequest, service_id: UUID) -> HttpResponse:
    """Queue a read-back of the service."""
    return _act(request, service_id, ask_check)


def _act(request: HttpRequest, service_id: UUID, action: Callable[..., object]) -> HttpResponse:
    service = _service_or_404(request, service_id)
    try:
        action(actor_of(request), service)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("services", tenant_id=service.tenant_id)


def _service_or_404(request: HttpRequest, service_id: UUID) -> Service:
    services = Service.objects.select_related("tenant", "setup").filter(tenant__in=tenants_of(request))
    return get_object_or_404(services, pk=service_id)


def _last(calls: list[CallOnPage]) -> list[CallOnPage]:
    """Return only the last call, which links to the earlier ones."""
    return [replace(call, earlier=call.number - 1) for call in calls[-1:]]


def _context(request: HttpRequest, tenant: Tenant) -> dict[str, object]:
    services = list(tenant.services.order_by("since", "name"))
    calls = calls_of([service.pk for service in services])
    rows = [
        (service, differences(service, service.wanted) if service.wanted else [], _last(calls[service.pk]))
        for service in services
    ]
    return {
        "tenant": tenant,
        "rows": rows,
        "checking": any(service.check_asked_at for service in services),
        "differs": any(service.state == ServiceState.DIFFERS for service in services),
        "may_run": may_run(request, tenant.pk) and tenant.archived_at is None,
    }
