"""View shortcuts: look up rows or raise 404, run an action and show its errors as messages.

Lookups find only rows of tenants that the user can see.
"""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404

from portal.accounts.permission import may, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.tenants.models import Tenant
from portal.tenants.scope import set_current_tenant, tenant_or_404, tenants_of
from portal.ui.forms import tell_at_fields
from tollfree.orders.approval_rules import OwnRequest, refuse_own
from tollfree.orders.forms import ReasonForm, ReleaseReviewForm, UndoForm
from tollfree.orders.models import NumberOrder, OrderGroup, Release


def tenant_with_numbers_or_404(request: HttpRequest, tenant_id: UUID) -> Tenant:
    """Return the tenant, if the user may see its numbers."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.VIEW_NUMBERS, tenant.pk)
    return tenant


def order_or_404(request: HttpRequest, order_id: UUID) -> NumberOrder:
    """Return the order with its tenant and its group."""
    rows = NumberOrder.objects.select_related("tenant", "group").filter(tenant__in=tenants_of(request))
    order = get_object_or_404(rows, pk=order_id)
    _show(request, order.tenant)
    return order


def group_or_404(request: HttpRequest, group_id: UUID) -> OrderGroup:
    """Return the group with its tenant."""
    rows = OrderGroup.objects.select_related("tenant").filter(tenant__in=tenants_of(request))
    group = get_object_or_404(rows, pk=group_id)
    _show(request, group.tenant)
    return group


def release_or_404(request: HttpRequest, release_id: UUID) -> Release:
    """Return the release with its tenant."""
    rows = Release.objects.select_related("tenant").filter(tenant__in=tenants_of(request))
    release = get_object_or_404(rows, pk=release_id)
    _show(request, release.tenant)
    return release


def _show(request: HttpRequest, tenant: Tenant) -> None:
    set_current_tenant(request, tenant)
    require(actor_of(request), Right.VIEW_NUMBERS, tenant.pk)


def allowed(request: HttpRequest, right: Right, tenant: Tenant) -> bool:
    """Return whether the page offers what this right allows; the action checks the right again."""
    return tenant.archived_at is None and may(user_of(request), right, tenant.pk)


def why_not_approve(request: HttpRequest, asked: OrderGroup | Release) -> str:
    """Return why this user cannot be the second person, or an empty string."""
    try:
        refuse_own(actor_of(request), asked)
    except OwnRequest as error:
        return str(error)
    return ""


def run_action(request: HttpRequest, act: Callable[[], object], done: str = "") -> bool:
    """Run the action and add a message with its result; return whether it succeeded."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    except OwnRequest as error:
        messages.error(request, str(error))
        return False
    if done:
        messages.success(request, done)
    return True


def run_action_with_reason(
    request: HttpRequest, form: ReasonForm | ReleaseReviewForm | UndoForm, act: Callable[[str], object]
) -> bool:
    """Run the action with the form's reason; return whether it succeeded.

    Errors of the reason appear at its field, all others as messages on the next page.
    """
    if not form.is_valid():
        return False

    def go() -> None:
        try:
            act(form.cleaned_data["reason"])
        except ValidationError as error:
            if "reason" not in getattr(error, "error_dict", {}):
                raise
            tell_at_fields(form, error)

    return run_action(request, go) and not form.errors


def show_anew(form: Form, posted: QueryDict, **facts: object) -> None:
    """Set the form's hidden values to the current ones, for a new submission after the user has seen a conflict."""
    form.data = {**posted.dict(), **{name: str(value) for name, value in facts.items()}}
