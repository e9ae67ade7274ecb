"""Each gateway does what its sentence says, and what it does right is what the catalogue says."""

import hashlib
import hmac
import json
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.gateway_catalogue import CATALOGUE
from portal.devtools.sandbox.gateways import SECRET

MESSAGE = b'{"text":"Your parcel is here","to":"16504661150"}'
NO_ANSWER = {"never", "resets", "hangs_up"}
WAITS = {"never", "dripped", "endless", "huge"}
ALL = {"in_time", "success", "message_id", "refuses_forgery"}


def signature(secret: str = SECRET, body: bytes = MESSAGE) -> str:
    return "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()


def send(caller: Any, name: str, signed: str | None, **headers: str) -> Any:
    given = headers if signed is None else headers | {"X_Hub_Signature": signed}
    return caller.call("POST", f"/gateways/{name}", MESSAGE, Content_Type="application/json", **given)


def whole(name: str, signed: str | None = None) -> bytes:
    head = f"POST /gateways/{name} HTTP/1.1\r\nX-Hub-Signature: {signed or signature()}\r\nConnection: close\r\n"
    return f"{head}Content-Length: {len(MESSAGE)}\r\n\r\n".encode() + MESSAGE


def hear(wire: Any, name: str, signed: str) -> Any:
    return wire.hear(whole(name, signed), 0.5 if name in WAITS else 3)


def heard_right(heard: Any) -> set[str]:
    """What an answer to a rightly signed message has of what is wanted."""
    if heard.head[9:10] != b"2":
        return {"in_time"} if heard.head else set()
    if heard.ending != "closed":
        return {"success"}  # it has not come to its end in time
    try:
        document = json.loads(heard.body)
    except ValueError:
        document = None
    identity = document.get("messageId") if isinstance(document, dict) else None
    return {"in_time", "success"} | ({"message_id"} if identity else set())


def test_there_are_more_than_ten_and_each_has_a_sentence(sandbox: Control) -> None:
    rows = sandbox.gateways()
    assert len({row["name"] for row in rows}) == len(rows) >= 25
    assert all(row["sentence"].endswith(".") and set(row["right"]) <= ALL for row in rows)
    assert all(row["path"] == f"/gateways/{row['name']}" for row in rows)


@pytest.mark.parametrize("name", sorted(CATALOGUE.keys() - WAITS - {"cuts"}))
def test_the_catalogue_says_what_a_gateway_does_right(wire: Any, sandbox: Control, name: str) -> None:
    sandbox.gateway_settings(slow_seconds=0.1)
    right = heard_right(hear(wire, name, signature()))
    if hear(wire, name, signature("wrong")).head[9:10] not in (b"2", b""):
        right.add("refuses_forgery")
    wanted = set(CATALOGUE[name].right)
    assert right == (wanted if name != "slow" else ALL)


@pytest.mark.parametrize("name", [*sorted(WAITS - {"never"}), "cuts"])
def test_a_bad_wire_still_refuses_a_forgery_in_time(wire: Any, name: str) -> None:
    assert hear(wire, name, signature("wrong")).head.startswith(b"HTTP/1.1 403")


def test_a_message_that_was_taken_is_an_effect_and_its_headers_are_in_the_ledger(caller: Any, sandbox: Control) -> None:
    reply = send(caller, "good", signature(), Custom_Header_For_Async_1="12345")
    assert (reply.status, list(reply.document)) == (200, ["messageId"])
    (line,) = sandbox.ledger()
    assert (line["effect"], line["headers"]["custom-header-for-async-1"]) == ("message taken by good", "12345")
    assert line["headers"]["x-hub-signature"] == signature()


@pytest.mark.parametrize(
    "signed",
    [
        None,
        "",
        "sha1=",
        "sha1=00",
        signature("wrong"),
        signature(body=b"other"),
        signature().upper(),
        signature().removeprefix("sha1="),
    ],
)
def test_a_wrong_signature_is_refused_without_an_effect(caller: Any, sandbox: Control, signed: str | None) -> None:
    assert send(caller, "good", signed).status == 403
    assert sandbox.ledger(effects=True) == []


def test_secrets_can_be_set_for_all_or_for_one(caller: Any, sandbox: Control) -> None:
    sandbox.gateway_settings(secret="everyone", secrets={"good_201": "its own"})
    assert send(caller, "good", signature()).status == 403
    assert send(caller, "good", signature("everyone")).status == 200
    assert send(caller, "good_201", signature("its own")).status == 201
    assert "everyone" not in str(sandbox.settings())


@pytest.mark.parametrize("name", sorted(NO_ANSWER))
def test_an_answer_that_never_comes_has_no_status_in_the_ledger(wire: Any, sandbox: Control, name: str) -> None:
    assert hear(wire, name, signature()).data == b""
    assert [(line["status"], line["effect"]) for line in sandbox.ledger()] == [(None, f"message taken by {name}")]


def test_the_slow_one_is_slow(wire: Any, sandbox: Control) -> None:
    assert wire.hear(whole("slow"), 0.3).data == b""  # it takes 11 seconds
    sandbox.gateway_settings(slow_seconds=0.5)
    assert 0.4 < hear(wire, "slow", signature()).first_after < 3


def test_the_huge_one_sends_and_sends(wire: Any) -> None:
    heard = wire.hear(whole("huge"), 5)
    assert len(heard.data) >= 4_000_000  # the listener's own limit
    assert b"Content-Length: 5000" in heard.head


def test_the_echo_gives_the_signature_and_the_message_away(caller: Any) -> None:
    received = send(caller, "echoes", signature(), Custom="12345").document["received"]
    assert (received["headers"]["custom"], received["headers"]["x-hub-signature"]) == ("12345", signature())
    assert received["body"] == MESSAGE.decode()


def test_a_redirect_leads_elsewhere(caller: Any, sandbox: Control) -> None:
    assert send(caller, "redirect", signature()).headers["Location"] == "/gateways/good"
    assert "169.254" in send(caller, "redirect_metadata", signature()).headers["Location"]
    assert sandbox.ledger(effects=True) == []


def test_an_unknown_gateway_and_method_are_refused(caller: Any) -> None:
    assert caller.call("POST", "/gateways/nobody", b"{}").status == 404
    assert caller.call("GET", "/gateways/good").status == 405
