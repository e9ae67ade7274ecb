from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from portal.http_client.errors import UnsendableRequest, UrlRefused
from portal.http_client.messages import Basic, Bearer, Secret
from portal.http_client.send import send
from tests.portal.outbound.conftest import get_from, post_to
from tests.portal.outbound.raw_server import OK

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve

_ODD = [
    'quote " and backslash \\',
    "$HOME `id` $(id)",
    "new\nline\ttab\0nul",
    "ünïcödé 😀 漢字",
    "\ud83d half a pair",
    "</script>",
    "",
    " ",
    "\u2028",
]


def _body(request: bytes) -> Any:
    return json.loads(request.partition(b"\r\n\r\n")[2])


def _head(request: bytes) -> list[str]:
    return request.partition(b"\r\n\r\n")[0].decode().split("\r\n")


@pytest.mark.parametrize("secret", _ODD)
def test_the_body_is_valid_json_whatever_the_secret_holds(secret: str, serve: Serve) -> None:
    server = serve(OK)
    body = {"secret": {"username": "plain", "password": Secret("pw")}, "list": [Secret("pw"), 1, None, True, 1.5]}
    send(post_to(server.url, json=body), {"pw": secret})
    assert _body(server.requests[0]) == {
        "secret": {"username": "plain", "password": secret},
        "list": [secret, 1, None, True, 1.5],
    }


def test_headers_are_those_of_the_request_and_few_others(serve: Serve) -> None:
    server = serve(OK)
    headers = {"x-api-key": Secret("apiKey"), "x-ccid": "45acae06"}
    send(post_to(f"{server.url}/a/b?c=d&e=%2F", headers=headers, json={}), {"apiKey": "k 1"})
    assert _head(server.requests[0]) == [
        "POST /a/b?c=d&e=%2F HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: messaging-portal",
        "Accept: */*",
        "Accept-Encoding: gzip",
        "Content-Type: application/json",
        "x-api-key: k 1",
        "x-ccid: 45acae06",
        "Content-Length: 2",
    ]


def test_a_get_has_no_body(serve: Serve) -> None:
    server = serve(OK)
    send(get_from(server.url), {})
    assert not [line for line in _head(server.requests[0]) if line.startswith("Content-")]


def test_a_delete_without_body_says_so(serve: Serve) -> None:
    server = serve(OK)
    send(post_to(server.url, method="delete", json=None), {})
    assert _head(server.requests[0])[0].startswith("DELETE ")
    assert "Content-Length: 0" in _head(server.requests[0])


def test_an_own_content_type_is_kept(serve: Serve) -> None:
    server = serve(OK)
    send(post_to(server.url, headers={"content-type": "application/merge-patch+json"}), {})
    lines = [line for line in _head(server.requests[0]) if line.lower().startswith("content-type")]
    assert lines == ["content-type: application/merge-patch+json"]


def test_basic_and_bearer_are_built_at_the_send(serve: Serve) -> None:
    server = serve(OK)
    basic = Basic(Secret("clientId"), Secret("clientSecret"))
    form = {"grant_type": "client_credentials", "note": "a&b=c"}
    send(
        post_to(server.url, headers={"Authorization": basic}, json=None, form=form),
        {"clientId": "i:d", "clientSecret": "s"},
    )
    send(get_from(server.url, headers={"Authorization": Bearer(Secret("token"))}), {"token": "t"})
    assert f"Authorization: Basic {base64.b64encode(b'i:d:s').decode()}" in _head(server.requests[0])
    assert server.requests[0].endswith(b"grant_type=client_credentials&note=a%26b%3Dc")
    assert "Authorization: Bearer t" in _head(server.requests[1])


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "smart “quotes”", "é", "\x7f"])
@pytest.mark.parametrize("wrap", [str, Secret, Bearer])
def test_a_header_that_cannot_be_carried_is_refused_without_showing_it(value: str, wrap: Any, serve: Serve) -> None:
    server = serve(OK)
    made: Any = value if wrap is str else Secret("k") if wrap is Secret else Bearer(Secret("k"))
    with pytest.raises(UnsendableRequest) as caught:
        send(post_to(server.url, headers={"x-api-key": made}), {"k": value})
    assert server.connections == 0
    assert "x-api-key" in caught.value.sentence
    assert value not in caught.value.sentence
    assert caught.value.permanent


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "é", "a\n"])
def test_a_header_name_that_cannot_be_carried_is_refused(name: str, serve: Serve) -> None:
    with pytest.raises(UnsendableRequest):
        send(post_to(serve(OK).url, headers={name: "x"}), {})


def test_a_missing_secret_is_named_and_nothing_is_sent(serve: Serve) -> None:
    server = serve(OK)
    with pytest.raises(UnsendableRequest, match="kaleyraPassword is missing"):
        send(post_to(server.url, json={"p": Secret("kaleyraPassword")}), {"apiKey": "k"})
    assert server.connections == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {1, 2}])
def test_a_body_that_is_no_json_is_refused(value: Any, serve: Serve) -> None:
    with pytest.raises(UnsendableRequest):
        send(post_to(serve(OK).url, json={"a": value}), {})


def test_a_request_shows_no_secret() -> None:
    request = post_to("http://127.0.0.1:9", headers={"x-api-key": Secret("apiKey")})
    assert "apiKey" in repr(request)


@pytest.mark.parametrize("name", ["", "1a", "a-b", "a b", "$x", "a\n"])
def test_a_secret_is_named_so_that_bash_can_export_it(name: str) -> None:
    with pytest.raises(ValueError, match="variable name"):
        Secret(name)


def test_a_malformed_url_is_refused_before_anything_else() -> None:
    with pytest.raises(UrlRefused):
        send(post_to("nexus"), {})
