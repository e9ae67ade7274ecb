from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.serializers import serialize
from django.db import transaction

from portal.http_client.call_log import close_call, exchange, open_call
from portal.http_client.errors import ConnectionLost, NotFound, UrlRefused
from portal.http_client.messages import Basic, Secret
from portal.http_client.models import Call
from portal.http_client.send import send
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import OK, answer

if TYPE_CHECKING:
    import socket

    from tests.portal.outbound.conftest import Serve

_SECRETS = {"apiKey": "CNRY-key", "kaleyraPassword": 'CNRY-"word"', "clientId": "CNRY-id"}
_HEADERS = {"x-api-key": Secret("apiKey"), "x-ccid": "45acae06"}
_BODY = {"url": "N/A", "secret": {"password": Secret("kaleyraPassword")}}


@pytest.mark.django_db(transaction=True)
def test_a_row_is_committed_before_the_request_leaves(serve: Serve) -> None:
    seen: list[Call] = []

    def look(sock: socket.socket, _request: bytes) -> bool:
        try:
            seen.extend(Call.objects.all())
        finally:
            transaction.get_connection().close()
        sock.sendall(OK)
        return True

    exchange(post_to(serve(look).url), {}, tenant_id=uuid4(), subject_id=None)
    assert len(seen) == 1
    assert seen[0].finished_at is None
    assert seen[0].status is None


@pytest.mark.django_db
def test_a_row_tells_the_whole_exchange_without_any_secret(serve: Serve) -> None:
    echo = json.dumps({"echo": _SECRETS["kaleyraPassword"], "id": 7}).encode()
    server = serve(answer(201, echo, Set_Cookie="CNRY-cookie", X_Request_Id="r-1", X_Echo="CNRY-key"))
    tenant, subject = uuid4(), uuid4()
    request = post_to(f"{server.url}/nexus/v3", purpose="create SMS", headers=_HEADERS, json=_BODY)
    exchange(request, _SECRETS, tenant_id=tenant, subject_id=subject, request_id="web-1")
    call = Call.objects.get()
    assert (call.tenant_id, call.subject_id, call.request_id) == (tenant, subject, "web-1")
    assert (call.destination, call.purpose, call.method, call.status) == ("nexus", "create SMS", "POST", 201)
    assert call.url == f"{server.url}/nexus/v3"
    assert call.request_headers == {
        "Content-Type": "application/json",
        "x-api-key": "$apiKey",
        "x-ccid": "45acae06",
    }
    assert json.loads(call.request_body) == {"url": "N/A", "secret": {"password": "$kaleyraPassword"}}
    assert json.loads(call.answer_body) == {"echo": "[secret kaleyraPassword]", "id": 7}
    assert call.answer_headers["x-echo"] == "[secret apiKey]"
    assert call.correlation_id == "r-1"
    assert (call.error_code, call.sentence) == ("", "")
    assert call.duration_ms is not None
    assert call.finished_at is not None
    assert call.finished_at >= call.sent_at
    assert "CNRY" not in serialize("json", [call])


@pytest.mark.django_db
def test_basic_stands_in_the_row_by_its_names() -> None:
    request = post_to("http://127.0.0.1:9", headers={"Authorization": Basic("me", Secret("pw"))}, json=None)
    call = open_call(request, tenant_id=None, subject_id=None)
    assert call.request_headers == {"Authorization": "Basic me:$pw"}
    assert base64.b64encode(b"me").decode() not in serialize("json", [call])


@pytest.mark.django_db
def test_a_refusal_is_recorded_with_its_answer_and_raised(serve: Serve) -> None:
    server = serve(answer(404, b'{"message": "no such tenant CNRY-key"}'))
    with pytest.raises(NotFound) as caught:
        exchange(post_to(server.url, headers=_HEADERS), _SECRETS, tenant_id=None, subject_id=None)
    call = Call.objects.get()
    assert (call.status, call.error_code, call.sentence) == (404, "not_found", caught.value.sentence)
    assert "[secret apiKey]" in call.answer_body


@pytest.mark.django_db
def test_an_unknown_outcome_is_recorded_without_a_status(serve: Serve) -> None:
    with pytest.raises(ConnectionLost):
        exchange(post_to(serve(lambda _sock, _request: None).url), {}, tenant_id=None, subject_id=None)
    call = Call.objects.get()
    assert (call.status, call.error_code) == (None, "connection_lost")
    assert call.finished_at is not None


@pytest.mark.django_db
def test_what_was_never_sent_is_recorded_too() -> None:
    with pytest.raises(UrlRefused):
        exchange(post_to("http://127.0.0.1:9/../x"), {}, tenant_id=None, subject_id=None)
    assert Call.objects.get().error_code == "url_refused"


@pytest.mark.django_db(transaction=True)
def test_an_exchange_refuses_to_run_inside_a_transaction(serve: Serve) -> None:
    server = serve(OK)
    with pytest.raises(RuntimeError), transaction.atomic():
        exchange(post_to(server.url), {}, tenant_id=None, subject_id=None)
    assert server.connections == 0
    assert not Call.objects.exists()


@pytest.mark.django_db
def test_a_call_is_closed_once(serve: Serve) -> None:
    request = post_to(serve(OK).url)
    call = open_call(request, tenant_id=None, subject_id=None)
    got = send(request, {})
    close_call(call, got, {})
    close_call(call, NotFound("late.example"), {})
    assert Call.objects.get().status == 200
    assert Call.objects.get().error_code == ""


@pytest.mark.django_db
def test_opening_and_closing_are_one_statement_each(
    serve: Serve, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    request = post_to(serve(OK).url)
    got = send(request, {})
    with django_assert_num_queries(1):  # type: ignore[operator]  # pytest-django gives it no type of its own
        call = open_call(request, tenant_id=None, subject_id=None)
    with django_assert_num_queries(1):  # type: ignore[operator]  # the same
        close_call(call, got, {})
    assert call.status == 200


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"a\0b", b"\xed\xa0\xbd", b"\xff\xfe\x00\xd8", "😀".encode(), b"x" * 300_000])
def test_any_answer_can_be_kept(body: bytes, serve: Serve) -> None:
    server = serve(answer(200, body))
    exchange(post_to(server.url), {}, tenant_id=None, subject_id=None)
    assert len(Call.objects.get().answer_body) < 66_000


@pytest.mark.django_db
def test_a_token_just_received_is_masked(serve: Serve) -> None:
    server = serve(answer(200, b'{"access_token": "CNRY-a", "other": "CNRY-b"}'))
    request = post_to(server.url)
    call = open_call(request, tenant_id=None, subject_id=None)
    close_call(call, send(request, {}), {"newToken": "CNRY-b"})
    kept = json.loads(Call.objects.get().answer_body)
    assert kept == {"access_token": "[secret]", "other": "[secret newToken]"}
