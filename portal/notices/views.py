"""The page of what waits for the person who opens it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.requests import user_of
from portal.notices.waiting import piles


@require_GET
def notices_page(request: HttpRequest) -> HttpResponse:
    """All kinds of which something waits."""
    return render(request, "notices/page.html", {"piles": piles(user_of(request))})
