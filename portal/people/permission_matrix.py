"""View of roles and permissions: the permission table, with the reader's own roles highlighted."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.accounts.models import Membership, User
from portal.accounts.requests import user_of
from portal.accounts.rights import BY_ROLE, BY_SITE_ROLE, Right, Role, SiteRole


@dataclass(frozen=True)
class Column:
    """A role, and whether the reader has it anywhere."""

    label: str
    own: bool


@require_GET
def rights(request: HttpRequest) -> HttpResponse:
    """Roles and permissions."""
    columns = _columns(user_of(request))
    table = [(f"{right[0].upper()}{right[1:]}", list(zip(columns, _held(right), strict=True))) for right in Right]
    return render(request, "people/rights.html", {"columns": columns, "table": table})


def _columns(user: User) -> list[Column]:
    own = set(Membership.objects.filter(user=user).values_list("role", flat=True).distinct())
    of_site = (Column(role.label, role in user.site_roles) for role in SiteRole)
    return [*(Column(role.label, role.value in own) for role in Role), *of_site]


def _held(right: Right) -> list[bool]:
    return [*(role in BY_ROLE.get(right, ()) for role in Role), *(right in BY_SITE_ROLE[role] for role in SiteRole)]
