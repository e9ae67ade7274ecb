"""A fault hits every system, and a refusal that was asked for has the form of the system that was asked."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("too_many_requests", 429, "too.many.requests"),
        ("unauthorized", 401, "bad.credentials"),
        ("forbidden", 403, "not.authorized"),
        ("server_error", 500, "internal.server.error"),
        ("teapot", 418, None),
    ],
)
def test_genesys_cloud_refuses_in_its_own_form(
    cloud: Any, sandbox: Control, fault: str, status: int, code: str | None
) -> None:
    sandbox.fault(fault)
    reply = cloud.api("GET", "/tollfreenumbers")
    assert reply.status == status
    if code:
        wanted = {"message", "code", "status", "messageWithParams", "messageParams", "contextId", "details", "errors"}
        assert (reply.document.keys(), reply.document["code"]) == (wanted, code)


def test_its_token_endpoint_refuses_in_oauths_form(cloud: Any, sandbox: Control) -> None:
    sandbox.fault("bad_request", match={"path_contains": "/oauth/token"})
    assert cloud.api("GET", "/tollfreenumbers").status == 200
    assert cloud.token().document["error"] == "invalid_request"


def test_gws_refuses_in_oauths_form(caller: Any, sandbox: Control) -> None:
    sandbox.fault("server_error")
    assert caller.form("/auth/v3/oauth/token", "a", "b").document["error"] == "server_error"


def test_a_gateway_refuses_in_a_form_of_its_own(caller: Any, sandbox: Control) -> None:
    sandbox.fault("server_error")
    assert caller.call("POST", "/gateways/good", b"{}").document.keys() == {"error"}


def test_an_honest_list_is_stuffed_with_what_is_strange(cloud: Any, sandbox: Control) -> None:
    sandbox.fault("huge_json")
    document = cloud.api("GET", "/tollfreenumbers").document
    assert (document["entities"], len(document["strange"])) == ([], 3 * 1024 * 1024)


@pytest.mark.parametrize("fault", ["wrong_charset", "nan_json", "deep_json", "truncated_json", "huge_number"])
def test_an_honest_answer_is_spoilt(cloud: Any, sandbox: Control, wire: Any, fault: str) -> None:
    sandbox.fault(fault)
    head = f"GET {cloud.BASE}/tollfreenumbers/available HTTP/1.1\r\nAuthorization: {cloud.authorization}\r\n"
    heard = wire.hear(f"{head}Connection: close\r\n\r\n".encode())
    assert heard.head.startswith(b"HTTP/1.1 200")
    assert (b"entities" in heard.body, heard.body[:2]) == (True, b'{"')


def test_an_effect_that_is_lost_leaves_a_success_that_never_happened(cloud: Any, sandbox: Control) -> None:
    sandbox.fault("slow_first_byte", seconds=0, after_effect=False)
    reply = cloud.buy("18445551212")
    assert (reply.status, reply.document["orderStatus"], sandbox.bought()) == (200, "PENDING", {})
    sandbox.fault("slow_first_byte", seconds=0, after_effect=False)
    assert cloud.token(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET).document["access_token"] == "never-issued"
