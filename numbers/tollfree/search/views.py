"""View of the number search: one form holds the search and the picked numbers, so that a new search keeps them."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.permission import require
from portal.accounts.requests import actor_of, user_of
from portal.accounts.rights import Right
from portal.tenants.scope import tenant_or_404
from tollfree.search.forms import MOST_PICKED, SearchForm, picked_in
from tollfree.search.keypad import digits_of
from tollfree.search.search import candidates, search


@require_GET
def search_page(request: HttpRequest, tenant_id: UUID) -> HttpResponse:
    """Search for numbers and pick some."""
    tenant = tenant_or_404(request, tenant_id)
    require(actor_of(request), Right.MANAGE_NUMBERS, tenant.pk)
    asked = "count" in request.GET
    form = SearchForm(request.GET if asked else None)
    found: list[str] | None = None
    if asked and form.is_valid():
        try:
            found = search(actor_of(request), tenant, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
    picked = picked_in(request.GET)
    vanity = form.cleaned_data.get("vanity", "") if asked and form.is_bound else ""
    kept = [number for number in picked if number not in (found or [])]
    shown = candidates(user_of(request), kept + (found or []), vanity=vanity, picked=picked)
    context = {
        "tenant": tenant,
        "form": form,
        "vanity": vanity,
        "digits": digits_of(vanity),
        "asked": found is not None,
        "kept": shown[: len(kept)],
        "found": shown[len(kept) :],
        "count": sum(each.picked for each in shown),
        "most": MOST_PICKED,
    }
    return render(request, "tollfree/numbers/search.html", context)
