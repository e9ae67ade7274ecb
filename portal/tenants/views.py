"""Views of tenants: list, add, edit, archive. The tenant's own page is in `provisioning`."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.permission import may, may_anywhere, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.accounts.step_up import ask_for_proof, typed_before
from portal.tenants import columns
from portal.tenants.actions import add_tenant, archive_tenant, edit_tenant, secrets_left_behind
from portal.tenants.forms import TenantForm, warnings_about
from portal.tenants.lookup import search
from portal.tenants.models import Tenant
from portal.tenants.scope import tenant_or_404, tenants_of
from portal.ui.paging import keyset_page
from portal.vault.lookup import ask_before_replacing, typed_in

LONGEST_SEARCH = 100


@require_GET
def tenant_list(request: HttpRequest) -> HttpResponse:
    """All tenants that the person sees, newest first."""
    archived = "archived" in request.GET
    wanted = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    mine = tenants_of(request).filter(search(wanted), archived_at__isnull=not archived)
    page = keyset_page(mine, request, key=("created_at", "id"))
    cells = columns.cells_of([tenant.pk for tenant in page.items])
    context = {
        "page": page,
        "rows": [(tenant, cells[tenant.pk]) for tenant in page.items],
        "headings": columns.headings(),
        "archived": archived,
        "wanted": wanted,
        "reads": not may_anywhere(user_of(request), Right.CHANGE_TENANT),
        "serves": may_anywhere(user_of(request), Right.ANSWER_REQUEST),
        "may_add": may(user_of(request), Right.ADD_TENANT),
    }
    return render(request, "tenants/list.html", context)


@require_http_methods(["GET", "POST"])
def tenant_add(request: HttpRequest) -> HttpResponse:
    """Add a tenant."""
    require(actor_of(request), Right.ADD_TENANT)
    form = TenantForm(_sent(request))
    if form.is_valid():
        try:
            tenant = add_tenant(actor_of(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _saved(request, tenant, f"{tenant.name} was added.")
    return render(request, "tenants/form.html", {"form": form})


@require_http_methods(["GET", "POST"])
def tenant_edit(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Change a tenant's details or replace its API key."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.CHANGE_TENANT, tenant.pk)
    facts = {"name": tenant.name, "ccid": tenant.ccid, "nexus_url": tenant.nexus_url}
    form = TenantForm(_sent(request), tenant=tenant, initial=facts | typed_before(request))
    if proof := ask_before_replacing(request, lambda: form) or _ask_before_moving(request, tenant, form):
        return proof
    if form.is_valid():
        lost = secrets_left_behind(tenant, form.cleaned_data["nexus_url"])
        try:
            tenant = edit_tenant(actor_of(request), tenant, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if lost:
                messages.warning(request, f"Digital Channels are at another address now. {lost}")
            return _saved(request, tenant, f"{tenant.name} was saved.")
    return render(request, "tenants/form.html", {"form": form, "tenant": tenant})


@require_http_methods(["GET", "POST"])
def tenant_archive(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Confirmation page, then archive the tenant."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.ARCHIVE_TENANT, tenant.pk)
    if request.method == "POST":
        try:
            archive_tenant(actor_of(request), tenant, reason=request.POST.get("reason", ""))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, f"{tenant.name} was archived. Its history stays.")
            return redirect("tenants:list")
    return render(request, "tenants/archive.html", {"tenant": tenant, "reason": request.POST.get("reason", "")})


def _ask_before_moving(request: HttpRequest, tenant: Tenant, form: TenantForm) -> HttpResponse | None:
    """Require step-up if the form changes the Digital Channels URL, where keys and passwords are sent."""
    if not form.is_bound or (form.is_valid() and form.cleaned_data["nexus_url"] == tenant.nexus_url):
        return None
    changed = "nexus_url" in form.changed_data
    return ask_for_proof(request, typed=typed_in(request, form)) if changed else None


def _sent(request: HttpRequest) -> QueryDict | None:
    """Return the submitted data, or None on GET; an empty form was submitted all the same."""
    return request.POST if request.method == "POST" else None


def _saved(request: HttpRequest, tenant: Tenant, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    for warning in warnings_about(tenant.nexus_url):
        messages.warning(request, warning)
    return redirect("tenant", tenant_id=tenant.pk)
