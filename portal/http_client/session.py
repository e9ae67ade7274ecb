"""HTTP sessions: one requests.Session per thread and destination, with keep-alive.

Per destination, because a connection that was allowed for one destination must not be used for another.
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

from portal.http_client.guarded_connection import GuardedPool, GuardedTLSPool

if TYPE_CHECKING:
    from portal.http_client.destinations import Destination

_HOSTS_KEPT = 4  # pools of a session; each thread has its own


@lru_cache(maxsize=4)
def _tls_context(ca_file: str) -> ssl.SSLContext:
    """Share one context: loading the certificate authorities takes 10 ms. `ca_file` adds a private authority."""
    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class GuardedAdapter(HTTPAdapter):
    """Adapter with guarded connections and no retries."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:  # noqa: FBT001, FBT002 - requests' signature
        """Replace urllib3's pools by ours."""
        context = _tls_context(settings.OUTBOUND_CA_FILE)
        super().init_poolmanager(connections, maxsize, block, ssl_context=context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": GuardedPool, "https": GuardedTLSPool}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Do nothing: the shared context verifies, while requests would load the authorities each time."""


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
        """Return None: to prepare the next request, requests would read a redirect's body without a size limit."""


class _Here(threading.local):
    pid = 0
    sessions: dict[Destination, GuardedSession]


_here = _Here()


def session_for(destination: Destination) -> GuardedSession:
    """This thread's session; a new one after a fork, because two processes must not share a connection."""
    if _here.pid != os.getpid():
        _here.pid = os.getpid()
        _here.sessions = {}
    if destination not in _here.sessions:
        _here.sessions[destination] = GuardedSession()
    return _here.sessions[destination]


def close_sessions() -> None:
    """Close this thread's connections, so that the next request opens a new one."""
    if _here.pid == os.getpid():
        for session in _here.sessions.values():
            session.close()
    _here.pid = 0
