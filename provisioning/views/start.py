"""Start page: shows a digest or redirects, depending on the person's roles."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET

from portal.accounts.permission import may, may_anywhere
from portal.accounts.requests import user_of
from portal.accounts.rights import Right
from portal.history.views import news_page
from portal.history.visits import reads_only
from portal.tenants.scope import looked_at_lately


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """Show read-only people the changes since their last visit; redirect everyone else by role.

    The target is the most recently viewed tenant, or else the list of tenants, of requests, or the history.
    """
    user = user_of(request)
    if reads_only(user):
        return news_page(request)
    if lately := looked_at_lately(request):
        return redirect("tenant", tenant_id=lately[0].pk)
    if may(user, Right.ADD_TENANT) or may_anywhere(user, Right.RUN_SETUP):
        return redirect("tenants:list")
    if may_anywhere(user, Right.ANSWER_REQUEST):
        return redirect("tollfree:requests")
    return redirect("history:list" if may_anywhere(user, Right.VIEW_HISTORY) else "tenants:list")
