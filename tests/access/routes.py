"""Every URL pattern of the portal, and paths that it matches."""

from collections.abc import Iterator, Mapping
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.access.world import Rows


@cache
def routes() -> dict[str, tuple[str, ...]]:
    """The names of each URL's arguments, by its name; a URL without a name goes by its route."""
    return dict(_routes(get_resolver(), "", ""))


def _routes(resolver: URLResolver, space: str, before: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield f"{space}{entry.name}" if entry.name else route, _arguments(resolver, entry)
        else:
            yield from _routes(entry, f"{space}{entry.namespace}:" if entry.namespace else space, route)


def _arguments(resolver: URLResolver, entry: URLPattern) -> tuple[str, ...]:
    return (*resolver.pattern.regex.groupindex, *entry.pattern.regex.groupindex)


def arguments_of(name: str) -> tuple[str, ...]:
    """The names of a URL's arguments."""
    return routes()[name]


def path_of(name: str, rows: Rows, path: Mapping[str, str], usual: Mapping[str, str]) -> str:
    """The path of a URL with these rows in it; `path` of the line goes before what is usual."""
    wanted = {each: rows.fill({**usual, **path}[each]) for each in arguments_of(name)}
    return reverse(name, kwargs=wanted) if ":" in name or not name.endswith("/") else f"/{name}"
