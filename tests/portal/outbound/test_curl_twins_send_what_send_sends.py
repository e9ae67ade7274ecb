"""Runs the twins with real bash and curl, and compares what arrives with what `send` sends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from portal.http_client.curl import curl_twin
from portal.http_client.destinations import Destination
from portal.http_client.messages import Basic, Bearer, Request, Secret
from portal.http_client.send import send
from tests.portal.outbound.conftest import get_from, post_to
from tests.portal.outbound.raw_server import OK

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve

_CCID = "45acae06-f1b4-4b6a-8f1c-0d9d7b3c2a11"
needs_curl = pytest.mark.skipif(not (shutil.which("curl") and shutil.which("bash")), reason="needs bash and curl")


def _guide_request(url: str) -> Request:
    return Request(
        destination=Destination.NEXUS,
        purpose="create mGageSMS",
        method="POST",
        url=f"{url}/nexus/v3/provisioning/services/{_CCID}/mGageSMS",
        headers={"Content-Type": "application/json", "x-api-key": Secret("apiKey"), "x-ccid": _CCID},
        json={
            "url": "https://kaleyra.example/api",
            "data": {},
            "secret": {"username": Secret("kaleyraUsername"), "password": Secret("kaleyraPassword")},
        },
        variables={"nexusURL": url, "ccid": _CCID, "kaleyraURL": "https://kaleyra.example/api"},
    )


def test_the_twin_reads_like_the_guide() -> None:
    assert curl_twin(_guide_request("https://nexus.example.com")) == (
        """\
json() { printf '%s' "$1" | sed 's/[\\\\"]/\\\\&/g'; }  # escapes a value for JSON
curl --request POST "$nexusURL/nexus/v3/provisioning/services/$ccid/mGageSMS" \\
  --header 'Content-Type: application/json' \\
  --header "x-api-key: $apiKey" \\
  --header "x-ccid: $ccid" \\
  --data-binary @- <<JSON
{
  "url": "$kaleyraURL",
  "data": {},
  "secret": {
    "username": "$(json "$kaleyraUsername")",
    "password": "$(json "$kaleyraPassword")"
  }
}
JSON"""
    )


def test_a_body_without_variables_is_left_as_it_is() -> None:
    twin = curl_twin(post_to("https://nexus.example.com/a", json={"price": "$5 `x`"}))
    assert "<<'JSON'" in twin
    assert '"price": "$5 `x`"' in twin
    assert "json()" not in twin


def test_only_whole_parts_of_a_url_become_variables() -> None:
    variables = {"nexusURL": "https://nexus.example", "ccid": "a", "other": ""}
    twin = curl_twin(get_from("https://nexus.example.com/a/ab/a?x=a&y=ba", variables=variables))
    assert "'https://nexus.example.com" not in twin
    assert '"https://nexus.example.com/$ccid/ab/$ccid?x=$ccid&y=ba"' in twin


def _run(request: Request, secrets: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **request.variables, **secrets}
    done = subprocess.run(
        ["bash", "-euc", curl_twin(request)], env=environment, capture_output=True, text=True, timeout=10, check=False
    )
    assert done.returncode == 0, done.stderr


def _parts(raw: bytes) -> tuple[str, dict[str, str], Any]:
    """Request line, the headers that are not the client's own, and the body (as JSON where it is)."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    own = {"host", "user-agent", "accept", "accept-encoding", "content-length"}
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    kept = {name: value for name, value in headers.items() if name not in own}
    return first, kept, json.loads(body) if body[:1] in {b"{", b"["} else body


def _both_arrive_alike(request: Request, secrets: dict[str, str], received: list[bytes]) -> None:
    send(request, secrets)
    _run(request, secrets)
    sent, twin = received[-2:]
    assert _parts(twin) == _parts(sent)


_ODD = [
    "plain",
    'quote " backslash \\ both \\"',
    "$HOME ${HOME} $(id) `id` !! & ; | > < * ? ~ # %s %n",
    "single ' quote",
    "JSON",
    "ünïcödé 😀",
    " spaces  around ",
    "\\n is no line break",
    "&\\&",
]


@needs_curl
@pytest.mark.parametrize("secret", _ODD)
def test_odd_secrets_arrive_whole(secret: str, serve: Serve) -> None:
    server = serve(OK)
    secrets = {"apiKey": "k-1", "kaleyraUsername": secret, "kaleyraPassword": secret}
    _both_arrive_alike(_guide_request(server.url), secrets, server.requests)


@needs_curl
@pytest.mark.parametrize("text", [*_ODD, "line\nbreak\ttab", "\u2028", "EOF\nJSON\nEOF"])
def test_odd_literals_arrive_whole(text: str, serve: Serve) -> None:
    server = serve(OK)
    body = {"text": text, text: [text, None, True, 1.5], "secret": Secret("kaleyraPassword")}
    _both_arrive_alike(post_to(server.url, json=body), {"kaleyraPassword": "x"}, server.requests)
    _both_arrive_alike(post_to(server.url, json={"text": text}), {}, server.requests)


@needs_curl
@pytest.mark.parametrize("value", ["plain", "it's", '"quoted" \\ $x `y` !z', "@file", "a;b", "", "a: b"])
def test_odd_headers_arrive_whole(value: str, serve: Serve) -> None:
    server = serve(OK)
    headers = {"x-literal": value, "x-secret": Secret("apiKey")}
    request = post_to(server.url, headers=headers, variables={"ccid": value})
    _both_arrive_alike(request, {"apiKey": "key $x \" ' \\"}, server.requests)


@needs_curl
def test_odd_urls_arrive_whole(serve: Serve) -> None:
    server = serve(OK)
    for path in ("", "/", "/a//b", "/a'b", "/$ccid/!!/(x)*", "/a?b=c&d=$e;f&g=%20%2F", "/a,b;c=d@e:f"):
        _both_arrive_alike(get_from(f"{server.url}{path}"), {}, server.requests)
        variables = {"nexusURL": server.url, "ccid": "b"}
        _both_arrive_alike(get_from(f"{server.url}{path}", variables=variables), {}, server.requests)


@needs_curl
def test_forms_basic_and_bearer_arrive_alike(serve: Serve) -> None:
    server = serve(OK)
    form = {"grant_type": "client_credentials", "odd": "a&b=c d+é", "password": Secret("pw")}
    basic = {"Authorization": Basic(Secret("clientId"), Secret("clientSecret"))}
    secrets = {"pw": "p&w=$x", "clientId": "id", "clientSecret": "s'\"$"}
    send(post_to(server.url, json=None, form=form, headers=basic), secrets)
    _run(post_to(server.url, json=None, form=form, headers=basic), secrets)
    sent, twin = map(_parts, server.requests)
    assert twin[:2] == sent[:2]
    bearer = {"Authorization": Bearer(Secret("token"))}
    _both_arrive_alike(get_from(server.url, headers=bearer), {"token": "t-1"}, server.requests)
