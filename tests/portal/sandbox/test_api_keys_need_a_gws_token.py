"""An administrator's password becomes a GWS token, and the token a Nexus API key."""

import json
import uuid
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.gws import ADMINISTRATOR, API_CLIENT

TOKEN = "/auth/v3/oauth/token"
KEYS = "/nexus/v3/apikeys"
DATA = {"enabled": True, "tenant": "*", "name": "Portico Cluster API Key", "permissions": ["nexus:cluster:*"]}
FORM = {
    "grant_type": "password",
    "client_id": "external_api_client",
    "username": ADMINISTRATOR[0],
    "password": ADMINISTRATOR[1],
}


def token(caller: Any) -> str:
    return str(caller.form(TOKEN, *API_CLIENT, **FORM).document["access_token"])


def make_key(caller: Any, authorization: str, body: object) -> Any:
    data = json.dumps(body).encode()
    return caller.call("POST", KEYS, data, Authorization=authorization, Content_Type="application/json")


def test_the_right_password_gets_a_token(caller: Any, sandbox: Control) -> None:
    sandbox.settings(gws={"expires_in": 77})
    reply = caller.form(TOKEN, *API_CLIENT, **FORM)
    assert (reply.status, reply.document["token_type"], reply.document["expires_in"]) == (200, "bearer", 77)


@pytest.mark.parametrize(
    ("client", "change", "status", "error"),
    [
        (("stranger", API_CLIENT[1]), {}, 401, "Unauthorized"),
        ((API_CLIENT[0], "wrong"), {}, 401, "Unauthorized"),
        (API_CLIENT, {"client_id": "other"}, 401, "invalid_client"),
        (API_CLIENT, {"username": "stranger"}, 401, "invalid_grant"),
        (API_CLIENT, {"password": "wrong"}, 401, "invalid_grant"),
        (API_CLIENT, {"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        (API_CLIENT, {"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_a_wrong_one_is_refused_in_oauths_form(
    caller: Any, client: tuple[str, str], change: dict[str, str], status: int, error: str
) -> None:
    reply = caller.form(TOKEN, *client, **(FORM | change))
    assert (reply.status, reply.document["error"]) == (status, error)
    assert reply.document["error_description"]


def test_a_token_makes_keys_that_are_uuids(caller: Any, sandbox: Control) -> None:
    authorization = f"Bearer {token(caller)}"
    replies = [make_key(caller, authorization, {"data": DATA}) for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 200]
    assert replies[0].document["status"]["code"] == 0
    keys = {uuid.UUID(reply.document["data"]["apikey"]) for reply in replies}
    assert len(keys) == 2
    effects = [line["effect"] for line in sandbox.ledger(effects=True)]
    assert effects == ["made API key Portico Cluster API Key"] * 2


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer made-up", "Basic x"])
def test_a_wrong_token_makes_none(caller: Any, sandbox: Control, authorization: str) -> None:
    assert make_key(caller, authorization, {"data": DATA}).status == 401
    assert sandbox.ledger(effects=True) == []


def test_an_expired_token_makes_none(caller: Any, sandbox: Control) -> None:
    sandbox.settings(gws={"expires_in": 0})
    assert make_key(caller, f"Bearer {token(caller)}", {"data": DATA}).status == 401


@pytest.mark.parametrize(
    "body",
    [
        DATA,
        {"data": []},
        {"data": DATA, "more": 1},
        {"data": DATA | {"more": 1}},
        {"data": DATA | {"enabled": "yes"}},
        {"data": DATA | {"tenant": ""}},
        {"data": DATA | {"name": 7}},
        {"data": DATA | {"permissions": []}},
        {"data": DATA | {"permissions": "nexus:cluster:*"}},
    ],
)
def test_a_wrong_body_makes_none(caller: Any, sandbox: Control, body: object) -> None:
    assert make_key(caller, f"Bearer {token(caller)}", body).status == 400
    assert sandbox.ledger(effects=True) == []
