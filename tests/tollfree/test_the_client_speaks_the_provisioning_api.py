"""Search, order, order status, change and release, against the sandbox."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from genesys_cloud.access import Access
from genesys_cloud.client import (
    WantedNumber,
    available_tollfree,
    change_tollfree,
    list_tollfree,
    order_request,
    order_status,
    release_request,
    send_once,
)
from genesys_cloud.http import Found, Reader
from genesys_cloud.responses import (
    OrderEnd,
    ProviderOrder,
    end_of,
    read_available,
    read_nothing,
    read_number,
    read_order,
)
from genesys_cloud.tokens import Token, token_for
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import ADD
from portal.http_client.call_log import close_with_line, open_call
from portal.http_client.errors import Conflict, NotAllowed, NotFound, OutboundError, Rejected, Unreadable
from portal.http_client.messages import Answer, Request
from portal.http_client.models import Call

NUMBER = "18445551212"


def buy(access: Access, *numbers: str, comment: str = "", email: str = "") -> ProviderOrder:
    wanted = [WantedNumber(number, comment, email) for number in numbers]
    return sent(access, order_request(access, wanted), read_order)


def give_back(access: Access, number: str) -> None:
    sent(access, release_request(access, number), read_nothing)


def sent(access: Access, request: Request, read: Reader[Found], *, token: Token | None = None) -> Found:
    """Send it once, between two lines of the call log, as the workers do."""
    token = token or token_for(access)
    call = open_call(request, tenant_id=access.tenant_id, subject_id=uuid4())
    outcome = send_once(request, token)
    close_with_line(call, outcome, token.secrets)
    if isinstance(outcome, OutboundError):
        raise outcome
    return read(outcome)[0]


def answer(body: str) -> Answer:
    return Answer(200, {"content-type": "application/json"}, body.encode(), "", 1, "api.example")


def test_available_numbers_come_by_count_and_by_letters(access: Access, sandbox: Control) -> None:
    assert len(available_tollfree(access, count=7, subject_id=uuid4())) == 7
    sandbox.genesys_cloud.offer("18442225563")
    assert available_tollfree(access, count=1, vanity="CALLME", subject_id=uuid4()) == ["18442225563"]
    line: dict[str, Any] = sandbox.ledger()[-1]
    assert line["path"].endswith("/tollfreenumbers/available")
    assert line["query"] == "numberOfResults=1&vanity=CALLME"


def test_an_order_is_a_list_in_one_request(access: Access, sandbox: Control) -> None:
    order = buy(access, NUMBER, comment="Acme", email="ada@example.com")
    assert (order.numbers, order.end) == ((NUMBER,), OrderEnd.COMPLETED)
    assert order.more["orderType"] == "PROVISION"
    line: dict[str, Any] = sandbox.ledger()[-1]
    assert line["body"] == [{"tollfreeNumber": NUMBER, "comment": "Acme", "emailAddress": "ada@example.com"}]
    assert order_status(access, order.order_id, subject_id=uuid4()) == order
    listed = list_tollfree(access, subject_id=uuid4())
    assert [(each.number, each.comment, each.email) for each in listed] == [(NUMBER, "Acme", "ada@example.com")]


@pytest.mark.parametrize(
    "made",
    [lambda access: order_request(access, [WantedNumber(NUMBER)]), lambda access: release_request(access, NUMBER)],
    ids=["order", "release"],
)
def test_what_buys_or_gives_back_is_sent_once_also_after_a_401(
    access: Access, sandbox: Control, made: Callable[[Access], Request]
) -> None:
    token = token_for(access)
    sandbox.genesys_cloud.expire_tokens()
    refused = send_once(made(access), token)
    assert isinstance(refused, NotAllowed)
    assert not refused.unknown_outcome
    assert [line["status"] for line in sandbox.ledger()] == [200, 401]  # the token's, and this one


def test_the_others_take_one_new_token_after_a_401(access: Access, sandbox: Control) -> None:
    order = buy(access, NUMBER)
    for ask in (
        lambda: available_tollfree(access, count=1, subject_id=uuid4()),
        lambda: order_status(access, order.order_id, subject_id=uuid4()),
        lambda: change_tollfree(access, NUMBER, {"comment": "new"}, subject_id=uuid4()),
    ):
        sandbox.genesys_cloud.expire_tokens()
        ask()


def test_a_comment_is_changed_and_a_number_given_back(access: Access, sandbox: Control) -> None:
    buy(access, NUMBER)
    assert change_tollfree(access, NUMBER, {"comment": "Support"}, subject_id=uuid4()).comment == "Support"
    give_back(access, NUMBER)
    assert sandbox.genesys_cloud.numbers() == []
    with pytest.raises(NotFound):
        give_back(access, NUMBER)


def test_refusals_tell_what_they_are(access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(gone_status=409)
    sandbox.genesys_cloud.take(NUMBER)
    with pytest.raises(Conflict):
        buy(access, NUMBER)
    with pytest.raises(Rejected):
        buy(access, "16504661149")
    order = buy(access, "18445551213")
    sandbox.genesys_cloud.forget_order(order.order_id)
    with pytest.raises(NotFound):
        order_status(access, order.order_id, subject_id=uuid4())
    sandbox.genesys_cloud.revoke(ADD)
    with pytest.raises(NotAllowed):
        buy(access, "18445551214")


@pytest.mark.parametrize("fault", ["reply_lost", "internal_error", "truncated_json", "empty_object", "html_200"])
def test_an_order_without_a_usable_answer_may_have_been_carried_out(
    access: Access, sandbox: Control, fault: str
) -> None:
    token = token_for(access)
    sandbox.fault(fault, match={"method": "POST", "path_contains": "tollfreenumbers"}, times=1)
    with pytest.raises(OutboundError) as lost:
        sent(access, order_request(access, [WantedNumber(NUMBER)]), read_order, token=token)
    assert lost.value.unknown_outcome


def test_every_call_keeps_its_correlation_id_and_no_token(access: Access) -> None:
    buy(access, NUMBER)
    available_tollfree(access, count=1, subject_id=uuid4())
    give_back(access, NUMBER)
    calls = Call.objects.exclude(purpose="get a Genesys Cloud token")
    assert {call.purpose for call in calls} == {"order", "search toll-free numbers", "release the number"}
    assert all(call.correlation_id for call in calls)
    assert {call.request_headers["Authorization"] for call in calls} == {"Bearer $access_token"}


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("COMPLETED", OrderEnd.COMPLETED),
        ("completed ", OrderEnd.COMPLETED),
        ("Cancelled", OrderEnd.FAILED),
        ("REJECTED", OrderEnd.FAILED),
        ("", OrderEnd.PENDING),
        ("PENDING", OrderEnd.PENDING),
        ("NOT COMPLETED", OrderEnd.PENDING),
        ("QUARANTINED_BY_CARRIER", OrderEnd.PENDING),
    ],
)
def test_only_known_words_end_an_order(word: str, end: OrderEnd) -> None:
    assert end_of(word) is end


def test_what_is_no_such_answer_is_unreadable() -> None:
    for read, bodies in (
        (read_order, ("[]", "{}", '{"id":""}', '{"orderStatus":"COMPLETED"}', "null")),
        (read_available, ("[]", '{"entities":[1]}', '{"entities":["call me"]}', "{}")),
        (read_number, ("[]", "{}", '{"tollfreeNumber":null}')),
    ):
        for body in bodies:
            with pytest.raises(Unreadable):
                read(answer(body))


def test_an_odd_order_is_kept_as_it_came() -> None:
    order, _ = read_order(answer('{"id":7,"orderStatus":"NEW_WORD","numbers":["+18445551212"],"extra":{"a":1}}'))
    assert order == ProviderOrder("7", "NEW_WORD", (NUMBER,), {"extra": {"a": 1}})
    assert order.end is OrderEnd.PENDING
