from typing import Any
from uuid import uuid4

import pytest

from genesys_cloud.access import Access
from genesys_cloud.client import list_tollfree
from genesys_cloud.responses import TollfreeNumber
from genesys_cloud.responses import read_numbers as read
from portal.devtools.sandbox.control import Control
from portal.http_client.errors import Unreadable
from portal.http_client.messages import Answer
from portal.http_client.models import Call
from tests.tollfree.sent import LIST


def answer(body: str) -> Answer:
    return Answer(200, {"content-type": "application/json"}, body.encode(), "", 1, "api.example")


def test_known_fields_are_typed_and_the_rest_is_kept() -> None:
    body = '{"entities":[{"tollfreeNumber":"+18445551212","status":"ACTIVE","owner":{"id":"7"},"newField":{"a":1}}]}'
    assert read(answer(body))[0] == [TollfreeNumber("18445551212", "ACTIVE", "7", "", more={"newField": {"a": 1}})]


@pytest.mark.parametrize(
    "body", ["[]", "{}", '{"entities":{}}', '{"entities":["18445551212"]}', '{"entities":[{"id":"1"}]}', "null"]
)
def test_what_is_no_list_of_numbers_is_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        read(answer(body))


def test_it_is_asked_without_a_trailing_slash(access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number("18445551212", comment="Acme")
    numbers = list_tollfree(access, subject_id=uuid4())
    assert [(each.number, each.comment) for each in numbers] == [("18445551212", "Acme")]
    line: dict[str, Any] = sandbox.ledger()[-1]
    assert line["path"].endswith(f"provisioning{LIST}")
    assert line["headers"]["authorization"].startswith("Bearer ")


def test_every_call_is_on_record_with_its_correlation_id(access: Access, sandbox: Control) -> None:
    subject = uuid4()
    list_tollfree(access, subject_id=subject)
    calls = Call.objects.filter(subject_id=subject)
    assert {call.tenant_id for call in calls} == {access.tenant_id}
    assert {call.purpose: call.request_headers["Authorization"] for call in calls} == {
        "get a Genesys Cloud token": f"Basic {access.client_id}:$clientSecret",
        "list toll-free numbers": "Bearer $access_token",
    }
    assert all(call.correlation_id for call in calls)
