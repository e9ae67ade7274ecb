"""Tenant lookup by contact centre id, by host if several share that id, or by name.

Many test deployments use the vendor's sample id, so only Nexus URL and contact centre id together identify a tenant.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from portal.tenants.models import Tenant

#: At most this many tenants are named in a message.
MOST_NAMED = 5
_WHOLE_ID = "--tenant takes a whole contact centre id: 8-4-4-4-12 characters. Where several tenants have it, add @HOST."


def tenant_called(text: str, among: QuerySet[Tenant]) -> Tenant:
    """Return the tenant that `CCID` or `CCID@HOST` identifies; `among` are the tenants that the person sees.

    Raises ValidationError if none matches, or if several do, with the text that identifies each.
    """
    ccid, _, place = text.strip().partition("@")
    try:
        having = among.filter(ccid=UUID(ccid))
    except ValueError:
        raise ValidationError(_WHOLE_ID) from None
    found = [tenant for tenant in having.order_by("nexus_url") if not place or _stands_at(tenant, place)]
    if not found:
        raise ValidationError(f"No tenant has the contact centre id {text.strip()}.")
    if len(found) > 1:
        forms = _in_words(names_of(found))
        raise ValidationError(f"{len(found)} tenants have this contact centre id. Say which one: {forms}.", code="many")
    return found[0]


def tenant_named(text: str, among: QuerySet[Tenant]) -> Tenant:
    """Return the tenant with this primary key, contact centre id, name, or part of a name.

    Raises ValidationError if none of `among` matches, or several.
    """
    try:
        if (known := among.filter(pk=UUID(text)).first()) is not None:
            return known
    except ValueError:
        pass
    called_so = among.filter(name__iexact=text)
    found = list((called_so if called_so.exists() else among.filter(search(text))).order_by("name", "id"))
    if not found:
        raise ValidationError("No tenant that you see has this name or contact centre id.", code="invalid_choice")
    if len(found) > 1:
        names = _in_words([f"{tenant.name} ({name})" for tenant, name in zip(found, names_of(found), strict=True)])
        raise ValidationError(f"{len(found)} tenants match. Type the contact centre id of one of them: {names}.")
    return found[0]


def _in_words(names: Sequence[str]) -> str:
    """Return the names joined for one sentence, with a limit."""
    more = len(names) - MOST_NAMED
    return ", ".join([*names[:MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])])


def names_of(tenants: Sequence[Tenant]) -> list[str]:
    """Return CCID@HOST for each tenant, with the path or the whole URL if the host is not unique."""
    urls = [tenant.nexus_url for tenant in tenants]
    return [f"{tenant.ccid}@{_shortest(tenant.nexus_url, urls)}" for tenant in tenants]


def search(wanted: str) -> Q:
    """Return the search filter: a contact centre id, optionally with a host, or part of a name."""
    ccid, _, place = wanted.partition("@")
    try:
        return Q(ccid=UUID(ccid), nexus_url__icontains=place)
    except ValueError:
        return Q(name__icontains=wanted) if wanted else Q()


def _stands_at(tenant: Tenant, place: str) -> bool:
    return place.lower().rstrip("/") in {form.lower() for form in _forms(tenant.nexus_url)}


def _shortest(url: str, all_urls: Sequence[str]) -> str:
    ways = zip(*(_forms(each) for each in all_urls), strict=True)
    return next((form for form, others in zip(_forms(url), ways, strict=True) if others.count(form) == 1), url)


def _forms(url: str) -> tuple[str, str, str]:
    """Return a URL as host with port, as host with port and path, and in full."""
    parts = urlsplit(url)
    return parts.netloc, f"{parts.netloc}{parts.path}", url
