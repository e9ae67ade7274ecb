"""View of the pending items of the signed-in person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.requests import user_of
from portal.notifications.kinds import kind_of
from portal.notifications.pending import page_of, piles


@require_GET
def notices_page(request: HttpRequest) -> HttpResponse:
    """All kinds with pending items, or all items of one kind."""
    user, kind = user_of(request), kind_of(request.GET.get("kind", ""))
    if kind is None:
        return render(request, "notifications/page.html", {"piles": piles(user)})
    pile = page_of(kind, user, request.GET.get("after", ""))
    return render(
        request, "notifications/page.html", {"piles": [pile] if pile.notices or pile.failed else [], "kind": kind}
    )
