"""Each call needs its permission, and a token has those that its client had when it was made."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import ADD, ALL, DELETE, EDIT, VIEW

CALLS = {
    VIEW: ("GET", "/tollfreenumbers"),
    ADD: ("POST", "/tollfreenumbers"),
    EDIT: ("PATCH", "/tollfreenumbers/18445551212"),
    DELETE: ("DELETE", "/tollfreenumbers/18445551212"),
}


@pytest.mark.parametrize("permission", CALLS)
def test_a_call_without_its_permission_is_refused(cloud: Any, sandbox: Control, permission: str) -> None:
    others = [each for each in ALL if each != permission]
    client = cloud.other(sandbox.genesys_cloud.create_client(permissions=others))
    reply = client.api(*CALLS[permission])
    assert (reply.status, reply.document["code"]) == (403, "missing.permissions")
    assert reply.document["messageParams"] == {"permissions": permission}
    assert permission in reply.document["message"]


def test_a_permission_younger_than_the_token_needs_a_new_one(cloud: Any, sandbox: Control) -> None:
    made = sandbox.genesys_cloud.create_client(permissions=[])
    client = cloud.other(made)
    sandbox.genesys_cloud.grant(VIEW, client_id=made["client_id"])
    assert client.api("GET", "/tollfreenumbers").status == 403
    assert cloud.other(made).api("GET", "/tollfreenumbers").status == 200


def test_a_permission_taken_away_is_gone_at_once(cloud: Any, sandbox: Control) -> None:
    number = cloud.available()[0]
    sandbox.genesys_cloud.revoke(ADD)
    assert cloud.buy(number).status == 403
    assert sandbox.bought() == {}


def test_an_unknown_permission_cannot_be_given(sandbox: Control) -> None:
    with pytest.raises(Exception, match="permissions must be a list"):
        sandbox.genesys_cloud.grant("everything")


def test_the_control_plane_shows_all_clients(sandbox: Control) -> None:
    made = sandbox.genesys_cloud.create_client(client_id="mine", permissions=[VIEW])
    assert {"client_id", "secret", "permissions", "created_at", "organization"} == made.keys()
    assert made in sandbox.genesys_cloud.clients()
