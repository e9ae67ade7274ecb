"""Fixtures of the tenants' pages: signed-in browsers, and a name service that knows one name."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.tenants.models import Tenant

KNOWN_HOST = "digital.example.com"
_ask = socket.getaddrinfo


def _names(host: str, port: int, *args: Any, **kwargs: Any) -> Any:
    if host in {"127.0.0.1", "::1", "localhost"}:
        return _ask(host, port, *args, **kwargs)
    if host == KNOWN_HOST:
        return _ask("127.0.0.1", port, *args, **kwargs)
    raise socket.gaierror(socket.EAI_NONAME, "no such name here")


@pytest.fixture(autouse=True)
def _no_question_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _names)


@pytest.fixture
def client(client_of: Callable[[User], Client], administrator: User) -> Client:
    """The browser of an administrator of Acme."""
    return client_of(administrator)


@pytest.fixture
def site_client(client_of: Callable[[User], Client], site_administrator: User) -> Client:
    """The browser of a site administrator."""
    return client_of(site_administrator)


@pytest.fixture
def edit_url(tenant: Tenant) -> str:
    """The page on which Acme is changed."""
    return f"/tenants/{tenant.pk}/edit/"


@pytest.fixture
def archive_url(tenant: Tenant) -> str:
    """The page on which Acme is archived."""
    return f"/tenants/{tenant.pk}/archive/"
