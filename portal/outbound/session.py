"""One requests.Session for each thread and destination, kept alive.

For each destination, because a connection opened under one destination's policy must not serve another's
requests.
"""

from __future__ import annotations

import os
import ssl
import threading
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import certifi
import requests
from django.conf import settings
from requests.adapters import HTTPAdapter

from portal.outbound.guard import GuardedPool, GuardedTLSPool

if TYPE_CHECKING:
    from portal.outbound.destinations import Destination

_HOSTS_KEPT = 4  # pools a session keeps; each thread has them for itself


@lru_cache(maxsize=4)
def _tls_context(ca_file: str) -> ssl.SSLContext:
    """One for all threads: to read the authorities takes 10 ms. `ca_file` adds a private authority."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class GuardedAdapter(HTTPAdapter):
    """Gives out guarded connections only, and never tries again by itself."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - requests' signature
        """Put our pools in the place of urllib3's."""
        context = _tls_context(settings.OUTBOUND_CA_FILE)
        super().init_poolmanager(connections, maxsize, block, ssl_context=context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTLSPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Nothing to set: the shared context verifies; requests would load the authorities each time."""


class GuardedSession(requests.Session):
    """No proxies or netrc from the environment, no redirects, no cookies."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = GuardedAdapter(pool_connections=_HOSTS_KEPT, pool_maxsize=1, max_retries=0)
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def get_redirect_target(self, resp: Any) -> None:
        """Never: to work out the next request, requests would read a redirect's body without any limit."""


class _Here(threading.local):
    pid = 0
    sessions: dict[Destination, GuardedSession]


_here = _Here()


def session_for(destination: Destination) -> GuardedSession:
    """This thread's session; after a fork a new one, for two processes must not share a connection."""
    if _here.pid != os.getpid():
        _here.pid = os.getpid()
        _here.sessions = {}
    if destination not in _here.sessions:
        _here.sessions[destination] = GuardedSession()
    return _here.sessions[destination]


def close_sessions() -> None:
    """Close this thread's connections, so that the next request connects anew."""
    if _here.pid == os.getpid():
        for session in _here.sessions.values():
            session.close()
    _here.pid = 0
