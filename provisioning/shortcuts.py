"""Access checks of set-up views: fetch a set-up by id, or answer 404 or 403."""

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from portal.accounts.permission import may, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.tenants.scope import set_current_tenant, tenants_of
from provisioning.models import Setup


def setup_or_404(request: HttpRequest, setup_id: UUID) -> Setup:
    """Return a set-up of a tenant that the person may see; else answer 404."""
    setups = Setup.objects.select_related("tenant").filter(tenant__in=tenants_of(request))
    setup = get_object_or_404(setups, pk=setup_id)
    set_current_tenant(request, setup.tenant)
    return setup


def editable_setup_or_404(request: HttpRequest, setup_id: UUID) -> Setup:
    """Return a set-up that the person may change; 404 if they may not see it, 403 if they may only read it."""
    setup = setup_or_404(request, setup_id)
    require(actor_of(request), Right.RUN_SETUP, setup.tenant_id)
    return setup


def may_run(request: HttpRequest, tenant_id: UUID) -> bool:
    """Return whether the person may set up SMS in this tenant."""
    return may(user_of(request), Right.RUN_SETUP, tenant_id)
