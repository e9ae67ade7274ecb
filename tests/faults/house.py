"""A portal of a test's own (web, worker, beat, Redis) on the test database, of which every part can be taken away."""

import signal
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.test import Client
from django.urls import reverse
from redis import Redis

from portal.accounts.models import User
from portal.devtools.services import commands, ports
from portal.devtools.services.redis import EmbeddedRedis
from tests.support import environment
from tests.support.children import Restartable
from tests.support.services import new_beat, new_worker
from tests.support.tcp_proxy import Mode, TcpProxy

_CSRF = "c" * 32  # a form's token may be the cookie's own


class House:
    """All parts; between Redis and the others stands a proxy that a test can close."""

    def __init__(self, windows: dict[str, str]) -> None:
        embedded = EmbeddedRedis(environment.root() / "house-redis")
        self.redis = Restartable("house-redis", embedded.command(), lambda _: embedded.ready())
        self.redis.start()
        self.redis_url = embedded.url
        self.proxy = TcpProxy(embedded.port)
        env = windows | {"REDIS_URL": embedded.url.replace(f":{embedded.port}/", f":{self.proxy.port}/")}
        self.worker = new_worker("house-worker", env)
        self.beat = new_beat("house-beat", env)
        self.web_port = port = ports.free_port()
        self.web = Restartable(
            "house-web", commands.web(port), lambda _: ports.http_status(port, "/healthz") == 200, env
        )
        self.address = f"http://{ports.LOOPBACK}:{port}"
        self.ensure()

    def ensure(self) -> None:
        """Start what does not run, all at once, and let everything reach Redis."""
        self.redis.ensure()
        self.proxy.set(Mode.PASS)
        gone = [part for part in (self.worker, self.beat, self.web) if not part.alive]
        for part in gone:
            part.launch()
        for part in gone:
            part.wait_until_ready()

    def flush_redis(self) -> None:
        """Lose all messages."""
        with Redis.from_url(self.redis_url) as client:
            client.flushall()

    def stop(self) -> None:
        """End all parts."""
        parts = (self.beat, self.worker, self.web, self.redis)
        for part in parts[:-1]:  # all at once; Redis last, or the others would wait for it
            part.send_signal(signal.SIGTERM)
        for part in parts:
            part.stop()
        self.proxy.stop()

    def visitor(self, user: User) -> "Visitor":
        """A signed-in browser."""
        client = Client()
        client.force_login(user)
        return Visitor(self.address, client.cookies[settings.SESSION_COOKIE_NAME].value)


@dataclass(frozen=True)
class Page:
    """An answer, and the seconds that it took."""

    status: int
    text: str
    seconds: float
    headers: dict[str, str]


class Visitor:
    """A browser without JavaScript; each request on a connection of its own, and no redirect followed."""

    def __init__(self, address: str, session: str = "") -> None:
        self.address = address
        self._cookies = {settings.CSRF_COOKIE_NAME: _CSRF} | (
            {settings.SESSION_COOKIE_NAME: session} if session else {}
        )

    def cookie(self) -> str:
        """The Cookie header of its requests."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    @staticmethod
    def form(**data: str) -> bytes:
        """A form as it is posted."""
        return urlencode(data | {"csrfmiddlewaretoken": _CSRF}).encode()

    def see(self, name: str, *arguments: object) -> Page:
        """Open a page by the name of its URL."""
        return self._ask("GET", reverse(name, args=arguments))

    def send(self, name: str, *arguments: object, **data: str) -> Page:
        """Press a button."""
        return self._ask("POST", reverse(name, args=arguments), data=data | {"csrfmiddlewaretoken": _CSRF})

    def _ask(self, method: str, path: str, **more: Any) -> Page:
        began = time.monotonic()
        answer = requests.request(
            method, self.address + path, cookies=self._cookies, allow_redirects=False, timeout=30, **more
        )
        return Page(answer.status_code, answer.text, time.monotonic() - began, dict(answer.headers))
