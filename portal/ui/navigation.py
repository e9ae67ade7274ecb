"""Sidebar navigation and tenant switcher.

Apps register their entries in their `hooks.py`:

    navigation.register(NavigationItem("Tenants", "tenants:list", icon="building", order=10))
    navigation.register_tenant_switcher(switcher)     # (request) -> TenantSwitcher | None

The context processor `navigation` adds `navigation` (the entries that this person sees, with the current one marked),
`tenant_switcher`, `environment`, `product_name` and `portal_version`. The first two are evaluated only when a template
uses them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from portal import VERSION
from portal.core.isolation import alone

PRODUCT_NAME = "SMS Portal"


def _everyone(_user: Any) -> bool:
    return True


def _no_badge(_user: Any) -> int | None:
    return None


@dataclass(frozen=True)
class NavigationItem:
    """A sidebar entry: `shown` and `badge` are called with the signed-in user; a badge of None or 0 is not shown."""

    label: str
    url_name: str
    icon: str
    order: int = 100
    shown: Callable[[Any], bool] = _everyone
    badge: Callable[[Any], int | None] = _no_badge


@dataclass(frozen=True)
class Entry:
    """An item as the sidebar shows it for one request."""

    label: str
    url: str
    icon: str
    current: bool
    badge: int | None


@dataclass(frozen=True)
class TenantChoice:
    """A tenant in the switcher; `hint` is the small text below the name, such as the ccid."""

    label: str
    url: str
    hint: str = ""
    current: bool = False


@dataclass(frozen=True)
class TenantSwitcher:
    """The switcher: the current tenant (or None), some choices, the URL of all tenants, and whether there are more."""

    current: TenantChoice | None
    choices: Sequence[TenantChoice]
    all_url: str
    more: bool = False


_items: dict[str, NavigationItem] = {}
_switchers: list[Callable[[HttpRequest], TenantSwitcher | None]] = []


def register(item: NavigationItem) -> None:
    """Add an item to the sidebar; a second item with the same `url_name` replaces the first."""
    _items[item.url_name] = item


def register_tenant_switcher(switcher: Callable[[HttpRequest], TenantSwitcher | None]) -> None:
    """Set the function that builds the tenant switcher; if it returns None, no switcher is shown."""
    _switchers[:] = [switcher]


def entries(request: HttpRequest) -> list[Entry]:
    """The items that this person sees, in order; none for an anonymous user."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    in_order = sorted(_items.values(), key=lambda item: item.order)
    items = [item for item in in_order if alone(f"entry {item.label}", partial(item.shown, user), otherwise=False)]
    urls = [reverse(item.url_name) for item in items]
    current = _nearest(request.path, urls)
    return [
        Entry(item.label, url, item.icon, url == current, _badge(item, user))
        for item, url in zip(items, urls, strict=True)
    ]


def _badge(item: NavigationItem, user: Any) -> int | None:
    return alone(f"badge of {item.label}", partial(item.badge, user), None)


def _nearest(path: str, urls: list[str]) -> str | None:
    """The longest of `urls` that is a prefix of `path`. The start page "/" matches only itself."""
    above = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(above, key=len, default=None)


def _switcher(request: HttpRequest) -> TenantSwitcher | None:
    user = getattr(request, "user", None)
    if not _switchers or user is None or not user.is_authenticated:
        return None
    return alone("the tenant switcher", partial(_switchers[0], request), None)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The context processor (see the module's docstring)."""
    return {
        "navigation": SimpleLazyObject(lambda: entries(request)),
        "tenant_switcher": SimpleLazyObject(lambda: _switcher(request)),
        "environment": settings.PORTAL_ENV,
        "product_name": PRODUCT_NAME,
        "portal_version": VERSION,
    }
