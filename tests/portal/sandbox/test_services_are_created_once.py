"""Each service is created once per contact centre, and its secret is never shown."""

import uuid
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control

SERVICES = ["SMS", "mGageSMS", "Async", "PurecloudIDP", "PorticoSMS"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_created_and_shown_without_its_secret(
    nexus: Any, bodies: dict[str, dict[str, Any]], service: str
) -> None:
    reply = nexus.create(service)
    expected = {name: value for name, value in bodies[service].items() if name != "secret"}
    assert (reply.status, reply.document) == (
        201,
        {"status": {"code": 0, "message": "ok"}, "data": expected},
    )
    assert nexus.call("GET", nexus.path(service)).document["data"] == expected


@pytest.mark.parametrize("data", [{"provider": "Async"}, {"tokenProvider": "Purecloud"}])
def test_sms_takes_the_data_of_every_option(nexus: Any, data: dict[str, str]) -> None:
    assert nexus.create("SMS", {"url": "N/A", "data": data, "secret": {}}).status == 201


def test_the_second_time_is_a_conflict(nexus: Any, sandbox: Control) -> None:
    nexus.create("SMS")
    again = nexus.create("SMS")
    assert (again.status, again.document["status"]["code"]) == (409, 409)
    assert len(sandbox.ledger(effects=True)) == 1


def test_another_contact_centre_has_its_own_services(nexus: Any) -> None:
    other = str(uuid.uuid4())
    nexus.create("SMS")
    body = {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}}
    assert nexus.call("POST", nexus.path("SMS", other), body, {"x-ccid": other}).status == 201


def test_a_service_that_was_never_created_is_not_found(nexus: Any) -> None:
    assert nexus.call("GET", nexus.path("SMS")).status == 404


def test_every_answer_has_a_correlation_id_of_its_own(nexus: Any) -> None:
    replies = [nexus.create("SMS"), nexus.create("SMS"), nexus.call("GET", "/elsewhere")]
    ids = {uuid.UUID(reply.headers["inin-correlation-id"]) for reply in replies}
    assert len(ids) == len(replies)
