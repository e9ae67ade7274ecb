"""What nobody knows of a real Nexus can be switched: whether it replaces a service, whether it shows one."""

from typing import Any

import pytest

from portal.devtools.sandbox.control import Control

OTHER = {"url": "N/A", "data": {"provider": "Async"}, "secret": {}}


def test_a_second_post_replaces_where_nexus_accepts_it(nexus: Any, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    nexus.create("SMS")
    again = nexus.create("SMS", OTHER)
    assert (again.status, again.document["data"]["data"]) == (200, {"provider": "Async"})
    assert nexus.call("GET", nexus.path("SMS")).document["data"]["data"] == {"provider": "Async"}
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["created SMS", "replaced SMS"]


def test_a_refused_second_post_leaves_the_first_as_it_was(nexus: Any) -> None:
    nexus.create("SMS")
    assert nexus.create("SMS", OTHER).status == 409
    assert nexus.call("GET", nexus.path("SMS")).document["data"]["data"] == {"provider": "mGage"}


@pytest.mark.parametrize(("status", "allow"), [(404, None), (405, "POST")])
def test_definitions_can_be_unreadable(nexus: Any, sandbox: Control, status: int, allow: str | None) -> None:
    sandbox.settings(readable=False, unreadable_status=status)
    nexus.create("SMS")
    reply = nexus.call("GET", nexus.path("SMS"))
    assert (reply.status, reply.headers["Allow"]) == (status, allow)
