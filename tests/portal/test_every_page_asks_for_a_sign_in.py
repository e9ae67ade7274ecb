"""Deny by default: whoever is not signed in sees the sign-in, at every URL that there is but a few named here."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

#: Open to everybody: signing in and out, and what machines ask about the portal's health.
OPEN = {"accounts/login/", "accounts/logout/", "accounts/inactive/", "healthz", "readyz", "metrics"} | {
    "accounts/password/reset/",
    "accounts/password/reset/sent/",
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[0-9A-Za-z-]+)/$",
    "accounts/password/reset/done/",
    "accounts/second-factor/ask/",  # after the password; without it, it leads to the sign-in too
    "accounts/passkeys/login/",
    "accounts/sign-on/start/",
    "accounts/sign-on/callback/",
    "accounts/invitation/",  # the link alone opens it
    "accounts/invitation/<str:token>/",
}

_VALUES = {"uuid": str(UUID(int=7)), "slug": "kaleyra", "int": "1", "str": "x", "path": "x/y"}


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every route of the portal, as it is written in the URL files."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from patterns(entry, route)


def example(route: str) -> str:
    """A path that the route matches."""
    return "/" + re.sub(r"<(\w+):\w+>", lambda found: _VALUES[found[1]], route)


CLOSED = sorted(set(patterns()) - OPEN)


def test_the_open_routes_are_the_ones_named_here() -> None:
    assert set(patterns()) >= OPEN
    assert len(CLOSED) > 15


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("route", CLOSED)
def test_a_stranger_is_sent_to_the_sign_in(client: Client, db: None, route: str, method: str) -> None:
    answer = getattr(client, method)(example(route))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/?next=/")


def test_a_path_that_does_not_exist_is_404_for_strangers_too(client: Client, db: None) -> None:
    assert client.get("/nowhere/").status_code == 404
