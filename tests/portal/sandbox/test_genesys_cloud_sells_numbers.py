"""Numbers are searched, bought, listed, changed and given back; each purchase is in the ledger."""

import re
from typing import Any, Literal

import pytest

from portal.devtools.sandbox.control import Control, count_bought, read_ledger

NUMBER, OTHER = "18445551212", "18335551213"
TOLL_FREE = re.compile(r"1(800|833|844|855|866|877|888)[2-9]\d{6}")


def test_a_search_finds_ten_numbers_and_the_same_ones_again(cloud: Any) -> None:
    found = cloud.available()
    assert len(set(found)) == 10
    assert all(TOLL_FREE.fullmatch(number) for number in found)
    assert cloud.available() == found


def test_another_seed_has_other_numbers(cloud: Any, sandbox: Control) -> None:
    found = cloud.available("?numberOfResults=100")
    sandbox.genesys_cloud.settings(seed=1)
    assert len(found) == 100
    assert cloud.available() != found[:10]


@pytest.mark.parametrize(("vanity", "ending"), [("PIZZA", "74992"), ("call", "2255"), ("FLOWERS", "3569377")])
def test_a_vanity_word_is_spelt_by_the_end_of_each_number(cloud: Any, vanity: str, ending: str) -> None:
    found = cloud.available(f"?numberOfResults=5&vanity={vanity}")
    assert len(found) == 5
    assert all(TOLL_FREE.fullmatch(number) and number.endswith(ending) for number in found)


def test_a_search_can_find_nothing(cloud: Any, sandbox: Control) -> None:
    assert cloud.available("?vanity=1111111") == []
    sandbox.genesys_cloud.settings(pool_size=0)
    assert cloud.available() == []


@pytest.mark.parametrize(
    "query",
    [
        "numberOfResults=0",
        "numberOfResults=101",
        "numberOfResults=x",
        "vanity=abc",
        "vanity=abcdefgh",
        "vanity=ab-cd",
        "vanity=%C3%A4bcd",
    ],
)
def test_a_wrong_search_is_refused(cloud: Any, query: str) -> None:
    reply = cloud.api("GET", f"/tollfreenumbers/available?{query}")
    assert (reply.status, reply.document["code"]) == (400, "invalid.value")


def test_an_offered_number_comes_first(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.offer(NUMBER)
    assert (cloud.available()[0], cloud.available("?vanity=1212")[0]) == (NUMBER, NUMBER)


def test_a_purchase_answers_an_order_and_is_listed(cloud: Any, sandbox: Control) -> None:
    reply = cloud.buy(NUMBER, comment="for Acme", emailAddress="a@acme.test", webhookPassword="hush")
    order = reply.document
    assert (reply.status, order["numbers"], order["orderStatus"]) == (200, [NUMBER], "COMPLETED")
    assert cloud.api("GET", f"/orders/{order['id']}").document == order
    (listed,) = cloud.api("GET", "/tollfreenumbers").document["entities"]
    assert (listed["tollfreeNumber"], listed["comment"], listed["emailAddress"]) == (NUMBER, "for Acme", "a@acme.test")
    assert "hush" not in str(listed)
    assert sandbox.bought() == {NUMBER: 1}


def test_a_bought_number_is_no_longer_found(cloud: Any) -> None:
    number = cloud.available()[0]
    cloud.buy(number)
    assert number not in cloud.available("?numberOfResults=100")


def test_several_numbers_are_one_order_and_one_line(cloud: Any, sandbox: Control) -> None:
    assert cloud.buy(NUMBER, OTHER).document["numbers"] == [NUMBER, OTHER]
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == [f"bought {NUMBER}, {OTHER}"]
    assert sandbox.bought() == {NUMBER: 1, OTHER: 1}


@pytest.mark.parametrize("status", [400, 409])
def test_a_number_that_somebody_took_is_gone(cloud: Any, sandbox: Control, status: Literal[400, 409]) -> None:
    sandbox.genesys_cloud.settings(gone_status=status)
    number = cloud.available()[0]
    sandbox.genesys_cloud.take(number)
    reply = cloud.buy(number)
    assert (reply.status, reply.document["code"]) == (status, "number.not.available")
    assert (number in cloud.available(), sandbox.bought()) == (False, {})
    sandbox.genesys_cloud.free(number)
    assert cloud.buy(number).status == 200


def test_one_number_that_is_gone_refuses_the_whole_order(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.take(OTHER)
    assert cloud.buy(NUMBER, OTHER).status == 409
    assert (cloud.listed(), sandbox.bought()) == ([], {})


def test_a_second_purchase_is_refused_or_charged_again(cloud: Any, sandbox: Control) -> None:
    first = cloud.buy(NUMBER).document["id"]
    assert cloud.buy(NUMBER).status == 409
    sandbox.genesys_cloud.settings(repeat="accept")
    assert cloud.buy(NUMBER).document["id"] != first
    assert (cloud.listed(), sandbox.bought()) == ([NUMBER], {NUMBER: 2})
    assert cloud.other(sandbox.genesys_cloud.create_client()).buy(NUMBER).status == 409


def test_a_purchase_whose_reply_is_lost_is_in_the_ledger_file(cloud: Any, sandbox: Control, ledger_file: Any) -> None:
    after = read_ledger(ledger_file)[-1]["n"]
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "/tollfreenumbers"})
    with pytest.raises(ConnectionError):
        cloud.buy(NUMBER)
    assert count_bought(line for line in read_ledger(ledger_file) if line["n"] > after) == {NUMBER: 1}
    assert cloud.listed() == [NUMBER]


@pytest.mark.parametrize(
    "body",
    [
        {"tollfreeNumber": NUMBER},
        [],
        [NUMBER],
        [{"tollfreeNumber": "8445551212"}],
        [{"tollfreeNumber": "+18445551212"}],
        [{"tollfreeNumber": "18995551212"}],
        [{"tollfreeNumber": 18445551212}],
        [{"tollfreeNumber": NUMBER}] * 2,
        [{"tollfreeNumber": f"1844555{n:04}"} for n in range(51)],
        [{"tollfreeNumber": NUMBER, "surplus": "x"}],
        [{"tollfreeNumber": NUMBER, "comment": 7}],
        [{"tollfreeNumber": NUMBER, "emailAddress": "a@b.test\n"}],
        [{"tollfreeNumber": NUMBER, "emailAddress": "nobody"}],
    ],
)
def test_a_wrong_order_buys_nothing(cloud: Any, sandbox: Control, body: object) -> None:
    reply = cloud.api("POST", "/tollfreenumbers", body)
    assert (reply.status, reply.document["code"]) == (400, "invalid.value")
    assert sandbox.bought() == {}


def test_a_body_that_is_no_json_buys_nothing(cloud: Any) -> None:
    path, bearer = f"{cloud.BASE}/tollfreenumbers", {"Authorization": cloud.authorization}
    assert cloud.call("POST", path, b"[", Content_Type="application/json", **bearer).document["code"] == "bad.request"
    assert cloud.call("POST", path, b"[]", Content_Type="text/plain", **bearer).status == 415


def test_a_number_is_changed(cloud: Any, sandbox: Control) -> None:
    cloud.buy(NUMBER)
    reply = cloud.api("PATCH", f"/tollfreenumbers/{NUMBER}", {"comment": "new"})
    assert (reply.status, reply.document["comment"]) == (200, "new")
    assert sandbox.ledger(effects=True)[-1]["effect"] == f"changed {NUMBER}"
    assert cloud.api("PATCH", f"/tollfreenumbers/{NUMBER}", {"emailAddress": "a@b.test"}).status == 400
    assert cloud.api("PATCH", f"/tollfreenumbers/{OTHER}", {"comment": "new"}).status == 404


def test_a_number_is_given_back_and_stays_gone(cloud: Any, sandbox: Control) -> None:
    cloud.buy(NUMBER)
    reply = cloud.api("DELETE", f"/tollfreenumbers/{NUMBER}")
    assert (reply.status, reply.headers["Content-Length"]) == (204, None)
    assert sandbox.ledger(effects=True)[-1]["effect"] == f"released {NUMBER}"
    assert (cloud.listed(), cloud.buy(NUMBER).status) == ([], 409)
    assert cloud.api("DELETE", f"/tollfreenumbers/{NUMBER}").status == 404
