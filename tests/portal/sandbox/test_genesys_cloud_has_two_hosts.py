"""One sandbox plays the login host, the API host, or both, and refuses what belongs to the other."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET

LIST = "/api/v2/messaging/sms/provisioning/tollfreenumbers"


def sign_in(cloud: Any, prefix: str) -> Any:
    client = DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
    return cloud.form(f"{prefix}/oauth/token", *client, grant_type="client_credentials")


def test_each_host_answers_what_is_its_own(cloud: Any) -> None:
    assert sign_in(cloud, "/login-host").status == 200
    assert cloud.call("GET", f"/api-host{LIST}", Authorization=cloud.authorization).document == {"entities": []}


def test_the_api_host_makes_no_tokens(cloud: Any) -> None:
    reply = sign_in(cloud, "/api-host")
    assert (reply.status, reply.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_the_login_host_has_no_api(cloud: Any) -> None:
    reply = cloud.call("GET", f"/login-host{LIST}", Authorization=cloud.authorization)
    assert (reply.status, reply.headers["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_hosts_can_be_told_apart_by_name(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(login_host="127.0.0.1", api_host="localhost")
    bearer = {"Authorization": cloud.authorization}
    assert sign_in(cloud, "").status == 200
    assert cloud.call("GET", LIST, **bearer).status == 404
    assert cloud.call("GET", LIST, Host="localhost:8080", **bearer).status == 200
    assert cloud.call("POST", "/oauth/token", b"", Host="localhost").status == 404


@pytest.mark.parametrize("prefix", ["", "/api-host"])
def test_a_trailing_slash_is_redirected(cloud: Any, prefix: str) -> None:
    reply = cloud.call("GET", f"{prefix}{LIST}/?a=b", Authorization=cloud.authorization)
    assert (reply.status, reply.headers["Location"]) == (301, f"{prefix}{LIST}?a=b")


def test_an_unknown_path_is_not_found_in_the_apis_form(cloud: Any) -> None:
    assert cloud.api("GET", "/elsewhere").document["code"] == "not.found"


def test_an_unknown_method_is_not_allowed(cloud: Any) -> None:
    reply = cloud.api("PUT", "/tollfreenumbers")
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, POST")
