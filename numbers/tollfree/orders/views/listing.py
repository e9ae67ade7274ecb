"""View of a tenant's list of orders."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from portal.accounts.permission import require
from portal.accounts.requests import actor_of
from portal.accounts.rights import Right
from portal.ui.forms import tell_at_fields
from portal.ui.paging import keyset_page
from tollfree.orders.actions import cost_now, draft_orders
from tollfree.orders.approval import why_approval
from tollfree.orders.approval_rules import policy_of
from tollfree.orders.forms import OrderForm
from tollfree.orders.models import NumberOrder
from tollfree.orders.views.shortcuts import allowed, tenant_with_numbers_or_404

ROWS_SHOWN = 50


@require_GET
def order_list(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """List a tenant's orders, newest first."""
    tenant = tenant_with_numbers_or_404(request, tenant_id)
    rows = NumberOrder.objects.filter(tenant=tenant).select_related("group")
    context = {
        "tenant": tenant,
        "page": keyset_page(rows, request, key=("created_at", "id"), size=ROWS_SHOWN),
        "may_order": allowed(request, Right.ORDER_NUMBERS, tenant),
    }
    return render(request, "tollfree/orders/list.html", context)


#: As many as a search keeps, which is more than an order may have, so that the action reports the excess.
_MOST_READ = 150


@require_http_methods(["GET", "POST"])
def order_new(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Ask for reason, comment and e-mail address, then create a draft."""
    tenant = tenant_with_numbers_or_404(request, tenant_id)
    require(actor_of(request), Right.ORDER_NUMBERS, tenant.pk)
    posted = request.method == "POST"
    numbers = list(dict.fromkeys((request.POST if posted else request.GET).getlist("number")))[:_MOST_READ]
    form = OrderForm(request.POST if posted else None)
    if posted and form.is_valid():
        try:
            group = draft_orders(actor_of(request), tenant, numbers=numbers, **form.cleaned_data)
        except ValidationError as error:
            tell_at_fields(form, error)
        else:
            return redirect("order_group", group_id=group.pk)
    cost = cost_now(len(numbers))
    context = {"tenant": tenant, "form": form, "numbers": numbers, "cost": cost}
    context["approval"] = why_approval(actor_of(request), policy_of(tenant), cost) if numbers else ""
    return render(request, "tollfree/orders/new.html", context)
