"""A sandbox of our own: a child process on a free port, fresh for every test."""

import base64
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET

ROOT = Path(__file__).resolve().parents[3]
CCID = "45acae06-6b7c-4f97-9c76-471f6b3b9b1a"
BODIES: dict[str, dict[str, Any]] = {
    "SMS": {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}},
    "mGageSMS": {
        "url": "http://directtext.mgage.test",
        "data": {},
        "secret": {"username": "sms-user", "password": "correct-horse"},
    },
    "Async": {
        "data": {"channels": [{"channelId": "16504661149", "webhook": {"url": "https://hook.test/in"}}]},
        "secret": {
            "channels": [{"channelId": "16504661149", "webhook": {"secret": "wh-key"}, "api": {"secret": "api-key"}}]
        },
    },
    "PurecloudIDP": {
        "url": "https://login.mypurecloud.test",
        "data": {},
        "secret": {"clientId": "client", "clientSecret": "aKSX"},
    },
    "PorticoSMS": {"url": "https://api.mypurecloud.test", "data": {}, "secret": {}},
}


class Reply(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    document: Any


class Nexus:
    """Calls the sandbox as an honest client would; any part of the request can be spoilt."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url).netloc

    def path(self, service: str, ccid: str = CCID) -> str:
        return f"/nexus/v3/provisioning/services/{ccid}/{service}"

    def headers(self, changes: dict[str, str | None] | None = None) -> dict[str, str]:
        good = {"Content-Type": "application/json", "x-api-key": "key", "x-ccid": CCID}
        return {name: value for name, value in (good | (changes or {})).items() if value is not None}

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str | None] | None = None,
    ) -> Reply:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, data if method != "GET" else None, self.headers(headers))
            answer = connection.getresponse()
            raw = answer.read()
            return Reply(answer.status, answer.headers, json.loads(raw) if raw else None)
        finally:
            connection.close()

    def create(self, service: str, body: object = None, headers: dict[str, str | None] | None = None) -> Reply:
        return self.call("POST", self.path(service), BODIES[service] if body is None else body, headers)


class Caller:
    """Calls any system of the sandbox; what is no JSON comes back as text."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.address = urlsplit(url).netloc

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection(self.address, timeout=10)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            raw = answer.read()
            return Reply(answer.status, answer.headers, _document(raw))
        finally:
            connection.close()

    def form(self, path: str, user: str, password: str, /, **fields: str) -> Reply:
        basic = base64.b64encode(f"{user}:{password}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Content_Type": "application/x-www-form-urlencoded"}
        return self.call("POST", path, urlencode(fields).encode(), **headers)


def _document(raw: bytes) -> Any:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return raw.decode(errors="replace")


class GenesysCloud(Caller):
    """An honest client of Genesys Cloud: one token, then calls with it."""

    BASE = "/api/v2/messaging/sms/provisioning"

    def token(self, client_id: str = DEMO_CLIENT_ID, secret: str = DEMO_CLIENT_SECRET) -> Reply:
        return self.form("/oauth/token", client_id, secret, grant_type="client_credentials")

    def sign_in(self, client_id: str = DEMO_CLIENT_ID, secret: str = DEMO_CLIENT_SECRET) -> "GenesysCloud":
        self.authorization = f"Bearer {self.token(client_id, secret).document['access_token']}"
        return self

    def other(self, client: dict[str, Any]) -> "GenesysCloud":
        return GenesysCloud(self.url).sign_in(client["client_id"], client["secret"])

    def api(self, method: str, path: str, body: object = None) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": self.authorization, "Content_Type": "application/json"}
        return self.call(method, self.BASE + path, data, **headers)

    def buy(self, *numbers: str, **details: str) -> Reply:
        return self.api("POST", "/tollfreenumbers", [{"tollfreeNumber": number, **details} for number in numbers])

    def listed(self) -> list[str]:
        return [each["tollfreeNumber"] for each in self.api("GET", "/tollfreenumbers").document["entities"]]

    def available(self, query: str = "") -> list[str]:
        return list(self.api("GET", f"/tollfreenumbers/available{query}").document["entities"])


class Heard(NamedTuple):
    """What came back on the wire: all bytes, in how many pieces, how it ended, when the first byte came."""

    data: bytes
    pieces: int
    ending: str  # closed, reset or open
    first_after: float

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


class Wire:
    """A raw socket: sends bytes, listens until the end, 4 MB or `wait` seconds."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.address = (str(parts.hostname), int(parts.port or 0))

    def request(self, service: str = "mGageSMS", connection: str = "close") -> bytes:
        body = json.dumps(BODIES[service]).encode()
        head = (
            f"POST /nexus/v3/provisioning/services/{CCID}/{service} HTTP/1.1\r\nHost: sandbox\r\n"
            f"Content-Type: application/json\r\nx-api-key: my-own-key\r\nx-ccid: {CCID}\r\n"
            f"Connection: {connection}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def hear(self, sent: bytes, wait: float = 10) -> Heard:
        with socket.create_connection(self.address, timeout=5) as client:
            client.sendall(sent)
            return _listen(client, wait)


def _listen(client: socket.socket, wait: float) -> Heard:
    began, data, pieces, first = time.monotonic(), bytearray(), 0, 0.0
    while len(data) < 4_000_000 and (left := began + wait - time.monotonic()) > 0:
        client.settimeout(left)
        try:
            piece = client.recv(65_536)
        except TimeoutError:
            break
        except ConnectionResetError:
            return Heard(bytes(data), pieces, "reset", first)
        if not piece:
            return Heard(bytes(data), pieces, "closed", first)
        first = first or time.monotonic() - began
        data += piece
        pieces += 1
    return Heard(bytes(data), pieces, "open", first)


class Process(NamedTuple):
    child: subprocess.Popen[str]
    url: str


def _start(*arguments: str) -> Process:
    command = [sys.executable, "-m", "portal.devtools.sandbox", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert child.stdout
    line = child.stdout.readline()
    assert line.startswith("sandbox listening on http://127.0.0.1:"), line
    return Process(child, line.split()[-1])


def _stop(process: Process) -> int:
    process.child.terminate()
    process.child.communicate(timeout=10)
    return process.child.returncode


Start = Callable[..., Process]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start further sandboxes; what still runs at the end of the test is ended."""
    started: list[Process] = []

    def _begin(*arguments: str) -> Process:
        started.append(_start(*arguments))
        return started[-1]

    yield _begin
    for process in started:
        _stop(process)


@pytest.fixture(scope="session")
def shared_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    ledger = tmp_path_factory.mktemp("sandbox") / "ledger.jsonl"
    process = _start("--ledger", str(ledger))
    yield process.url, ledger
    assert _stop(process) == 0


@pytest.fixture
def ledger_file(shared_sandbox: tuple[str, Path]) -> Path:
    return shared_sandbox[1]


@pytest.fixture
def sandbox(shared_sandbox: tuple[str, Path]) -> Control:
    control = Control(shared_sandbox[0])
    control.reset()
    return control


@pytest.fixture
def nexus(sandbox: Control) -> Nexus:
    return Nexus(sandbox.url)


@pytest.fixture
def caller(sandbox: Control) -> Caller:
    return Caller(sandbox.url)


@pytest.fixture
def cloud(sandbox: Control) -> GenesysCloud:
    """The demo's client, signed in."""
    return GenesysCloud(sandbox.url).sign_in()


@pytest.fixture
def wire(sandbox: Control) -> Wire:
    return Wire(sandbox.url)


@pytest.fixture
def bodies() -> dict[str, dict[str, Any]]:
    """A right body for each service; a copy, to be spoilt at will."""
    return json.loads(json.dumps(BODIES))  # type: ignore[no-any-return]  # json knows no types
