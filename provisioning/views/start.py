"""The start page: where a person's work begins depends on what they are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from portal.accounts.permission import may, may_anywhere
from portal.accounts.requests import user_of
from portal.accounts.rights import Right
from portal.tenants.scope import looked_at_lately


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Lead on: to the tenant looked at last, or to tenants, requests or the history, by role."""
    if lately := looked_at_lately(request):
        return redirect("tenant", tenant_id=lately[0].pk)
    user = user_of(request)
    if may(user, Right.ADD_TENANT) or may_anywhere(user, Right.RUN_SETUP):
        return redirect("tenants:list")
    if may_anywhere(user, Right.ANSWER_REQUEST):
        return redirect("tollfree:requests")
    return redirect("history:list" if may_anywhere(user, Right.VIEW_HISTORY) else "tenants:list")
