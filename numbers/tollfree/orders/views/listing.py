"""View of a tenant's list of orders."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.rights import Right
from portal.frame.paging import keyset_page
from tollfree.orders.models import NumberOrder
from tollfree.orders.views.finding import allowed, tenant_with_numbers_or_404

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
