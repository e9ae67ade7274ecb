"""Client id and secret become a token, and the token is good until it ends or is taken back."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID


def test_the_demos_client_gets_a_token(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(expires_in=77)
    reply = cloud.token()
    assert (reply.status, reply.document["token_type"], reply.document["expires_in"]) == (200, "bearer", 77)
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("client_id", "secret", "description"),
    [
        (DEMO_CLIENT_ID, "wrong", "authentication failed"),
        ("client-of-another-region", "secret", "client not found: invalid_client"),
        ("", "", "client not found: invalid_client"),
    ],
)
def test_a_wrong_client_is_refused_in_oauths_form(cloud: Any, client_id: str, secret: str, description: str) -> None:
    reply = cloud.token(client_id, secret)
    assert (reply.status, reply.document["error"]) == (401, "invalid_client")
    assert reply.document["error_description"] == description


def test_a_wrong_client_can_be_refused_in_html(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(invalid_client="html", invalid_client_status=400)
    reply = cloud.token(secret="wrong")
    assert (reply.status, reply.headers["Content-Type"]) == (400, "text/html; charset=utf-8")
    assert "<html>" in reply.document


def test_the_grant_type_is_checked(cloud: Any) -> None:
    reply = cloud.form("/oauth/token", "c", "s", grant_type="password")
    assert (reply.status, reply.document["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("authorization", "code"), [("Bearer made-up", "bad.credentials"), ("Basic eA==", "bad.credentials")]
)
def test_a_wrong_token_opens_nothing(cloud: Any, authorization: str, code: str) -> None:
    cloud.authorization = authorization
    reply = cloud.api("GET", "/tollfreenumbers")
    assert (reply.status, reply.document["code"]) == (401, code)


def test_no_token_opens_nothing(caller: Any, cloud: Any) -> None:
    reply = caller.call("GET", f"{cloud.BASE}/tollfreenumbers")
    assert (reply.status, reply.document["code"]) == (401, "authentication.required")


def test_a_token_ends(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(expires_in=0)
    reply = cloud.sign_in().api("GET", "/tollfreenumbers")
    assert (reply.status, reply.document["code"]) == (401, "credentials.expired")


def test_tokens_can_be_taken_back(cloud: Any, sandbox: Control) -> None:
    assert sandbox.genesys_cloud.expire_tokens("another client") == 0
    assert cloud.api("GET", "/tollfreenumbers").status == 200
    assert sandbox.genesys_cloud.expire_tokens(DEMO_CLIENT_ID) == 1
    assert cloud.api("GET", "/tollfreenumbers").status == 401
    assert cloud.sign_in().api("GET", "/tollfreenumbers").status == 200


def test_a_deleted_client_is_unknown_and_so_is_its_token(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.delete_client(DEMO_CLIENT_ID)
    assert (cloud.api("GET", "/tollfreenumbers").status, cloud.token().status) == (401, 401)
