"""Tenant's page, with everything about one tenant, and the choice of an option."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from portal.accounts.permission import may, may_anywhere, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.history.digest import reads_only
from portal.history.views import news_page
from portal.tenants.scope import recently_viewed, tenant_or_404
from portal.ui.paging import keyset_page
from provisioning.models import UNFINISHED, SetupState
from provisioning.options import OPTIONS
from provisioning.runs.active_option import active_option
from provisioning.shortcuts import may_run
from provisioning.tenant_page.message_path import stations
from provisioning.wizard.actions import begin_setup

MOST_SETUPS_SHOWN = 10

MOST_SENDERS_SHOWN = 10

#: The number of credentials of earlier clients per page.
MOST_EARLIER = 5


@require_GET
def tenant_page(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Show everything about a tenant on one page."""
    tenant = tenant_or_404(request, tenant_id)
    user = user_of(request)
    kept = tenant.setups.exclude(state=SetupState.DISCARDED).defer("answers")
    setups = keyset_page(kept, request, ("begun_at", "id"), MOST_SETUPS_SHOWN, within="setups")
    credentials = tenant.credentials.defer("ciphertext")
    replaced = Q(is_current=False, draft="")
    senders = list(tenant.sender_ids.order_by("created_at")[: MOST_SENDERS_SHOWN + 1])
    active = active_option(tenant)
    runs = may_run(request, tenant.pk) and tenant.archived_at is None
    context = {
        "tenant": tenant,
        "stations": stations(tenant, may_run=runs),
        "option": OPTIONS[active] if active else None,
        "setups": setups,
        "newest": kept.order_by("-begun_at", "-id").first(),
        "setup_rows": [(setup, OPTIONS[setup.option]) for setup in setups.items],
        "services": tenant.services.select_related("setup").order_by("since"),
        "credentials": credentials.exclude(replaced).order_by("kind", "draft", "-is_current", "set_at"),
        "earlier": keyset_page(credentials.filter(replaced), request, ("set_at", "id"), MOST_EARLIER, within="earlier"),
        "senders": senders[:MOST_SENDERS_SHOWN],
        "more_senders": len(senders) > MOST_SENDERS_SHOWN,
        "may_edit": may(user, Right.CHANGE_TENANT, tenant.pk),
        "may_archive": may(user, Right.ARCHIVE_TENANT, tenant.pk) and tenant.archived_at is None,
        "may_run": runs,
        "unfinished": kept.filter(state__in=UNFINISHED).exists(),
    }
    return render(request, "provisioning/tenant.html", context)


@require_GET
def option_list(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Show the options to choose from."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.RUN_SETUP, tenant.pk)
    active = active_option(tenant)
    context = {
        "tenant": tenant,
        "options": OPTIONS.values(),
        "needs": needs_by_option(),
        "active": OPTIONS[active] if active else None,
    }
    return render(request, "provisioning/options.html", context)


@require_GET
def option_needs(request: HttpRequest, tenant_id: UUID, option_key: str) -> HttpResponse:
    """Show what to prepare before the option's wizard starts, as a page to print."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.RUN_SETUP, tenant.pk)
    if option_key not in OPTIONS:
        raise Http404
    context = {"tenant": tenant, "option": OPTIONS[option_key], "active": active_option(tenant)}
    return render(request, "provisioning/needs.html", context)


def needs_by_option() -> list[tuple[str, list[bool]]]:
    """Return each prerequisite once, with a flag for each option that needs it."""
    labels = dict.fromkeys(need.label for option in OPTIONS.values() for need in option.prerequisites)
    asked = [{need.label for need in option.prerequisites} for option in OPTIONS.values()]
    return [(label, [label in own for own in asked]) for label in labels]


@require_POST
def setup_begin(request: HttpRequest, tenant_id: UUID, option_key: str) -> HttpResponse:
    """Begin a draft of the option, or continue the unfinished one."""
    tenant = tenant_or_404(request, tenant_id)
    if option_key not in OPTIONS:
        raise Http404
    try:
        setup = begin_setup(actor_of(request), tenant, option_key, switch="switch" in request.POST)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("tenant", tenant_id=tenant.pk)
    return redirect("setup", setup_id=setup.pk)


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Show read-only people the changes since their last visit; redirect everyone else by role.

    The target is the most recently viewed tenant, or else the list of tenants, of requests, or the history.
    """
    user = user_of(request)
    if reads_only(user):
        return news_page(request)
    if lately := recently_viewed(request):
        return redirect("tenant", tenant_id=lately[0].pk)
    if may(user, Right.ADD_TENANT) or may_anywhere(user, Right.RUN_SETUP):
        return redirect("tenants:list")
    if may_anywhere(user, Right.ANSWER_REQUEST):
        return redirect("tollfree:requests")
    return redirect("history:list" if may_anywhere(user, Right.VIEW_HISTORY) else "tenants:list")
