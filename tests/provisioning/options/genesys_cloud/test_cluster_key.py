"""Which answers hold the key: the documented ones, and no id that something in between put into its page."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest

from portal.audit.actors import command_line
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.options.genesys_cloud.api_key import KeyNotMade, fetch_key

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "9b7682b7-cbce-422f-9bbb-ecda85e61695"


class _System(BaseHTTPRequestHandler):
    """Answers as it was told."""

    answer: Any = None

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        raw = json.dumps(self.answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


@pytest.fixture
def system(tenant: Tenant) -> Iterator[ThreadingHTTPServer]:
    """A system of our own at the tenant's address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _System)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    edit_tenant(command_line(), tenant, nexus_url=f"http://127.0.0.1:{server.server_port}")
    tenant.refresh_from_db()
    yield server
    server.shutdown()
    server.server_close()


def make(tenant: Tenant, answer: object) -> str:
    _System.answer = answer
    return fetch_key(tenant, "token", subject_id=uuid4())


@pytest.mark.parametrize(
    "answer",
    [
        {"status": {"code": 0}, "data": {"id": KEY}},
        {"status": {"code": 0}, "data": KEY},
        {"data": {"apikey": KEY}},
        {"apiKey": KEY},
        KEY,
    ],
)
@pytest.mark.usefixtures("system")
def test_a_documented_answer_holds_the_key(tenant: Tenant, answer: object) -> None:
    assert make(tenant, answer) == KEY


@pytest.mark.parametrize(
    "answer",
    [
        {"id": KEY, "message": "Your request was queued."},
        {"uuid": KEY},
        {"status": "ok", "id": KEY},
        {"status": {"message": "no code"}, "data": {"id": KEY}},
        {"status": {"code": "0"}, "data": {"uuid": KEY}},
        {},
        [KEY],
    ],
)
@pytest.mark.usefixtures("system")
def test_an_id_of_something_in_between_is_no_key(tenant: Tenant, answer: object) -> None:
    with pytest.raises(KeyNotMade, match="If a key was made, it is not known here"):
        make(tenant, answer)
    assert not Credential.objects.filter(kind=Kind.CLUSTER_API_KEY).exists()
