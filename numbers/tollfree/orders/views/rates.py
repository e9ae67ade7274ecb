"""Views of rates, which apply to all tenants, and of a tenant's order policy."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.accounts.permission import may, may_anywhere, require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.accounts.step_up import ask_for_proof
from portal.ui.forms import tell_at_fields
from portal.ui.paging import keyset_page
from tollfree.orders.approval_rules import policy_of, set_policy
from tollfree.orders.forms import PolicyForm, RateForm
from tollfree.orders.models import OrderPolicy, Rate
from tollfree.orders.pricing import rate_now, set_rate
from tollfree.orders.views.shortcuts import allowed, show_anew, tenant_with_numbers_or_404

#: Labels of the rules in the comparison after a conflict.
_RULES = {
    "approve_from": "From how many numbers an order needs a second approval",
    "monthly_cap": "What all numbers together may cost a month",
    "monthly_cap_currency": "Currency of that limit",
    "approve_releases": "A second person approves releases",
}


@require_http_methods(["GET", "POST"])
def rates_page(request: HttpRequest) -> HttpResponse:
    """Show the rates to every user who sees numbers, and add one if the user may set rates."""
    if not may_anywhere(user_of(request), Right.VIEW_NUMBERS):
        raise PermissionDenied
    may_set = may(user_of(request), Right.SET_RATES)
    if request.method == "POST":
        require(actor_of(request), Right.SET_RATES)
    if may_set and (proof := ask_for_proof(request)):
        return proof
    count = Rate.objects.count()
    form = RateForm(request.POST if request.method == "POST" else None, initial={"seen": count})
    if request.method == "POST" and form.is_valid() and _set(request, form):
        return redirect("rates")
    now = rate_now()
    context = {
        "page": keyset_page(Rate.objects.all(), request, key=("valid_from", "set_at", "id")),
        "now": now.pk if now else None,
        "form": form if may_set else None,
    }
    return render(request, "tollfree/orders/rates.html", context)


@require_http_methods(["GET", "POST"])
def policy_page(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Show and set a tenant's order policy: approvals and monthly cap."""
    tenant = tenant_with_numbers_or_404(request, tenant_id)
    may_set = allowed(request, Right.SET_ORDER_POLICY, tenant)
    if request.method == "POST":
        require(actor_of(request), Right.SET_ORDER_POLICY, tenant.pk)
    if may_set and (proof := ask_for_proof(request)):
        return proof
    policy = policy_of(tenant)
    rules = {name: getattr(policy, name) for name in PolicyForm.base_fields}
    form = PolicyForm(request.POST if request.method == "POST" else None, initial=rules)
    differing: list[tuple[str, object, object]] = []
    if request.method == "POST" and form.is_valid():
        try:
            set_policy(actor_of(request), tenant, **form.cleaned_data)
        except ValidationError as error:
            tell_at_fields(form, error)
            if _is_outdated(error):
                policy = policy_of(tenant)
                differing = _differing(policy, form)
                show_anew(form, request.POST, version=policy.version)
        else:
            messages.success(request, "The rules hold for orders from now on.")
            return redirect("order_policy", tenant_id=tenant.pk)
    context = {"tenant": tenant, "policy": policy, "form": form if may_set else None, "differing": differing}
    return render(request, "tollfree/orders/policy.html", context)


def _differing(policy: OrderPolicy, form: PolicyForm) -> list[tuple[str, object, object]]:
    """Return label, current value and entered value of each rule that differs."""
    both = [(label, getattr(policy, name), form.cleaned_data.get(name)) for name, label in _RULES.items()]
    return [(label, now, typed) for label, now, typed in both if now != typed]


def _set(request: HttpRequest, form: RateForm) -> bool:
    try:
        rate = set_rate(actor_of(request), **form.cleaned_data)
    except ValidationError as error:
        tell_at_fields(form, error)
        if _is_outdated(error):
            show_anew(form, request.POST, seen=Rate.objects.count())
        return False
    messages.success(request, f"Kept: {rate}.")
    return True


def _is_outdated(error: ValidationError) -> bool:
    return getattr(error, "code", None) == "changed"
