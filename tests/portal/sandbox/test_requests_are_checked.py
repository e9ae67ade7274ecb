"""A request that the guide does not give is refused, with a reason and without an effect."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control

NO_UUID = "45acae06-6b7c-4f97-9c76-471"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": None}, 415),
        ({"Content-Type": "text/plain"}, 415),
        ({"x-api-key": None}, 401),
        ({"x-api-key": ""}, 401),
        ({"x-ccid": None}, 400),
        ({"x-ccid": "6c1a6a53-6f3f-4f8e-8a53-0f0f6f0f6f0f"}, 400),
    ],
)
def test_a_wrong_header_is_refused(nexus: Any, sandbox: Control, headers: dict[str, str | None], status: int) -> None:
    reply = nexus.create("SMS", headers=headers)
    assert (reply.status, reply.document["status"]["code"]) == (status, status)
    assert sandbox.ledger(effects=True) == []


def test_a_charset_beside_the_content_type_is_taken(nexus: Any) -> None:
    assert nexus.create("SMS", headers={"Content-Type": "application/json; charset=utf-8"}).status == 201


def test_only_the_configured_api_key_is_taken(nexus: Any, sandbox: Control) -> None:
    sandbox.settings(api_key="the right one")
    assert nexus.create("SMS").status == 401
    assert nexus.create("SMS", headers={"x-api-key": "the right one"}).status == 201


def test_the_truncated_example_of_the_guide_is_no_contact_centre_id(nexus: Any) -> None:
    reply = nexus.call("POST", nexus.path("SMS", NO_UUID), {}, {"x-ccid": NO_UUID})
    assert (reply.status, "UUID" in reply.document["status"]["message"]) == (400, True)


def test_an_unknown_service_is_not_found(nexus: Any) -> None:
    assert nexus.call("POST", nexus.path("Fax"), {}).status == 404


@pytest.mark.parametrize("path", ["/", "/nexus/v3/provisioning/services", "/nexus/v3/x", "/elsewhere"])
def test_an_unknown_path_is_not_found(nexus: Any, path: str) -> None:
    reply = nexus.call("POST", path, {})
    assert (reply.status, reply.document["status"]["code"]) == (404, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_not_allowed(nexus: Any, method: str) -> None:
    reply = nexus.call(method, nexus.path("SMS"), {})
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, POST")


def test_an_answer_to_head_has_no_body(wire: Any) -> None:
    heard = wire.hear(b"HEAD /nexus/v3/x HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert heard.head.startswith(b"HTTP/1.1 404")
    assert heard.body == b""


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"SMS"', b"null", b'{"url": NaN}', b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000],
)
def test_a_body_that_is_no_json_object_is_refused(nexus: Any, body: bytes) -> None:
    reply = nexus.create("SMS", body)
    assert (reply.status, bool(reply.document["status"]["message"])) == (400, True)


@pytest.mark.parametrize(
    ("service", "change", "named"),
    [
        ("SMS", {"url": "http://elsewhere.test"}, "url"),
        ("SMS", {"data": {"provider": "Twilio"}}, "provider"),
        ("SMS", {"data": {}}, "provider"),
        ("SMS", {"secret": {"surplus": "x"}}, "secret"),
        ("SMS", {"surplus": 1}, "members"),
        ("mGageSMS", {"url": "$kaleyraURL"}, "url"),
        ("mGageSMS", {"url": "ftp://host.test"}, "url"),
        ("mGageSMS", {"url": "http://[half"}, "url"),
        ("mGageSMS", {"secret": {"username": "u"}}, "password"),
        ("mGageSMS", {"secret": {"username": "u", "password": 7}}, "password"),
        ("mGageSMS", {"secret": {"username": "u", "password": " "}}, "password"),
        ("mGageSMS", {"data": []}, "data"),
        ("Async", {"url": "N/A"}, "members"),
        ("Async", {"data": {"channels": []}}, "channels"),
        ("Async", {"data": {"channels": [{"channelId": "1"}]}}, "webhook"),
        ("Async", {"data": {"channels": [{"channelId": "7", "webhook": {"url": "http://h.test"}}]}}, "same"),
        (
            "Async",
            {"data": {"channels": [{"channelId": "7", "webhook": {"url": "http://h.test"}}] * 2}},
            "twice",
        ),
        ("PurecloudIDP", {"secret": {}}, "clientId"),
        ("PorticoSMS", {"url": "N/A"}, "url"),
    ],
)
def test_a_wrong_member_is_named_and_its_value_is_not(
    nexus: Any, bodies: dict[str, dict[str, Any]], service: str, change: dict[str, object], named: str
) -> None:
    reply = nexus.create(service, bodies[service] | change)
    message = reply.document["status"]["message"]
    assert (reply.status, named in message) == (400, True), message
    assert "correct-horse" not in message


def test_a_missing_member_is_named(nexus: Any) -> None:
    assert nexus.create("SMS", {"url": "N/A", "data": {}}).document["status"]["message"] == ("The body lacks secret.")


@pytest.mark.parametrize(
    "raw",
    [
        b"HELLO\r\n\r\n",
        b"GET / HTTP/3\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_bytes_that_are_no_request_get_a_400_and_the_end(wire: Any, sandbox: Control, raw: bytes) -> None:
    heard = wire.hear(raw)
    assert (heard.head[:12], heard.ending) == (b"HTTP/1.1 400", "closed")
    assert [line["status"] for line in sandbox.ledger()] == [400]


def test_a_body_that_is_too_large_gets_a_413_before_it_is_sent(wire: Any) -> None:
    assert wire.hear(b"POST / HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n").head[:12] == b"HTTP/1.1 413"


def test_a_head_that_is_too_large_gets_a_431(wire: Any) -> None:
    assert wire.hear(b"GET / HTTP/1.1\r\nX: " + b"a" * 66_000).head[:12] == b"HTTP/1.1 431"
