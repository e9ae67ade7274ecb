"""Keyset pagination: newest first, without COUNT, and page 900 costs no more than page 1.

    page = keyset_page(Event.objects.filter(tenant=tenant), request, key=("at", "id"))
    page.items   page.older_url   page.newer_url          # {% pager page %} renders the links

On a page with several lists each has a name: `within="setups"` is also the id of the element that the links lead to.

The fields of the key must be unique together (end it with the primary key) and should have an index in the same order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

OLDER = "older"
NEWER = "newer"
_SALT = "portal.ui.paging"

ModelT = TypeVar("ModelT", bound=Model)
Place: TypeAlias = "tuple[str, list[Any] | None]"


@dataclass(frozen=True)
class KeysetPage(Generic[ModelT]):
    """One page; a URL is "" if there is nothing in its direction. URLs keep the other query parameters (filters)."""

    items: list[ModelT]
    older_url: str
    newer_url: str

    @property
    def is_paged(self) -> bool:
        """Whether there are any links."""
        return bool(self.older_url or self.newer_url)


def keyset_page(
    queryset: QuerySet[ModelT],
    request: HttpRequest,
    key: Sequence[str] = ("at", "id"),
    size: int = 25,
    *,
    within: str = "",
) -> KeysetPage[ModelT]:
    """The page for the request's cursor, newest first. An invalid cursor gives the first page."""
    direction, values = place_of(request, queryset.model, key, within)
    newest_first = direction == OLDER
    rows = queryset.order_by(*[f"-{name}" if newest_first else name for name in key])
    if values is not None:
        rows = rows.filter(_beyond(key, values, "lt" if newest_first else "gt"))
    return page_of(list(rows[: size + 1]), request, key, size, (direction, values), within=within)


def place_of(request: HttpRequest, model: type[Model], key: Sequence[str], within: str = "") -> Place:
    """The direction of the page, and the key values that it starts after; None for the first page."""
    for direction in (NEWER, OLDER):
        values = _read_cursor(model, request.GET.get(_parameter(direction, within), ""), key)
        if values is not None:
            return direction, values
    return OLDER, None


def page_of(  # noqa: PLR0913 - the rows and the page parameters
    found: list[ModelT], request: HttpRequest, key: Sequence[str], size: int, place: Place, *, within: str = ""
) -> KeysetPage[ModelT]:
    """The page of rows that are sorted in its direction; one row more than `size` means that there are others."""
    direction, values = place
    newest_first = direction == OLDER
    more, items = len(found) > size, found[:size]
    if not newest_first:
        items.reverse()
    older = more if newest_first else True
    newer = values is not None if newest_first else more
    return KeysetPage(
        items,
        url_beyond(request, OLDER, items[-1], key, within) if older and items else "",
        url_beyond(request, NEWER, items[0], key, within) if newer and items else "",
    )


def _beyond(key: Sequence[str], values: Sequence[Any], than: str) -> Q:
    """(a, b) < (x, y) as a <= x AND (a < x OR (a = x AND b < y)); the first part can use an index."""
    condition = Q(**{f"{key[-1]}__{than}": values[-1]})
    for name, value in list(zip(key, values, strict=True))[-2::-1]:
        condition = Q(**{f"{name}__{than}": value}) | (Q(**{name: value}) & condition)
    return Q(**{f"{key[0]}__{than}e": values[0]}) & condition


def url_beyond(request: HttpRequest, direction: str, row: Model, key: Sequence[str], within: str = "") -> str:
    """The URL of the page that starts after a row."""
    query = request.GET.copy()
    query.pop(_parameter(OLDER, within), None)
    query.pop(_parameter(NEWER, within), None)
    query[_parameter(direction, within)] = signing.dumps(
        [_field(type(row), name).value_to_string(row) for name in key], salt=_SALT
    )
    return f"?{query.urlencode()}#{within}" if within else f"?{query.urlencode()}"


def _parameter(direction: str, within: str) -> str:
    return f"{within}-{direction}" if within else direction


def _read_cursor(model: type[Model], cursor: str, key: Sequence[str]) -> list[Any] | None:
    """The key's values. The cursor is signed, so that no forged value reaches a query."""
    if not cursor:
        return None
    try:
        values = signing.loads(cursor, salt=_SALT)
        if not isinstance(values, list):
            return None
        return [_field(model, name).to_python(value) for name, value in zip(key, values, strict=True)]
    except (signing.BadSignature, ValidationError, ValueError):
        return None


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)  # noqa: SLF001 - _meta is Django's public API
    if not isinstance(field, Field):
        raise TypeError(f"{name} is not a plain field of {model.__name__}; page by its own columns.")
    return field
