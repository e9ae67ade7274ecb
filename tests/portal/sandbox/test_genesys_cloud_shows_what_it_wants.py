"""Lists lag, orders move on or stick, and who sees a purchase can be switched."""

import time
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control, ControlError

NUMBER = "18445551212"


def status(cloud: Any, order: str) -> str:
    return str(cloud.api("GET", f"/orders/{order}").document["orderStatus"])


def test_a_bought_number_shows_in_the_list_only_later(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(list_lag_seconds=60)
    order = cloud.buy(NUMBER).document["id"]
    assert (cloud.listed(), status(cloud, order)) == ([], "COMPLETED")
    time.sleep(0.05)
    sandbox.genesys_cloud.settings(list_lag_seconds=0.05)
    assert cloud.listed() == [NUMBER]


def test_an_order_moves_on_with_time(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(order_words=["PENDING", "COMPLETED"], order_step_seconds=0.4)
    order = cloud.buy(NUMBER).document["id"]
    assert status(cloud, order) == "PENDING"
    time.sleep(0.45)
    assert status(cloud, order) == "COMPLETED"


@pytest.mark.parametrize("word", ["PENDING", "Aufgeschoben", "\u202e"])
def test_an_order_can_stick_at_any_word(cloud: Any, sandbox: Control, word: str) -> None:
    sandbox.genesys_cloud.settings(order_words=[word])
    assert cloud.buy(NUMBER).document["orderStatus"] == word


def test_an_order_can_be_given_a_word(cloud: Any, sandbox: Control) -> None:
    order = cloud.buy(NUMBER).document["id"]
    sandbox.genesys_cloud.set_order(order, "HELD")
    assert status(cloud, order) == "HELD"
    sandbox.genesys_cloud.set_order(order, None)
    assert status(cloud, order) == "COMPLETED"


def test_the_numbers_of_an_order_that_failed_are_not_listed(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.set_order(cloud.buy(NUMBER).document["id"], "FAILED")
    assert cloud.listed() == []


def test_an_order_can_be_forgotten(cloud: Any, sandbox: Control) -> None:
    order = cloud.buy(NUMBER).document["id"]
    assert [each["id"] for each in sandbox.genesys_cloud.orders()] == [order]
    sandbox.genesys_cloud.forget_order(order)
    assert cloud.api("GET", f"/orders/{order}").status == 404
    assert cloud.listed() == [NUMBER]
    with pytest.raises(ControlError, match="no order"):
        sandbox.genesys_cloud.forget_order(order)


def test_only_the_client_that_bought_a_number_sees_it(cloud: Any, sandbox: Control) -> None:
    order = cloud.buy(NUMBER).document["id"]
    other = cloud.other(sandbox.genesys_cloud.create_client())
    assert (other.listed(), other.api("GET", f"/orders/{order}").status) == ([], 404)
    assert other.api("DELETE", f"/tollfreenumbers/{NUMBER}").status == 404


def test_or_its_whole_organization(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(list_scope="organization")
    order = cloud.buy(NUMBER).document["id"]
    colleague = cloud.other(sandbox.genesys_cloud.create_client())
    stranger = cloud.other(sandbox.genesys_cloud.create_client(organization="another"))
    assert (colleague.listed(), colleague.api("GET", f"/orders/{order}").status) == ([NUMBER], 200)
    assert stranger.listed() == []


def test_numbers_come_and_go_that_nobody_ordered(cloud: Any, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(list_lag_seconds=60)
    sandbox.genesys_cloud.put_number(NUMBER, comment="older than the portal")
    assert cloud.listed() == [NUMBER]
    (number,) = sandbox.genesys_cloud.numbers()
    assert (number["comment"], number["order_id"]) == ("older than the portal", None)
    sandbox.genesys_cloud.lose_number(NUMBER)
    assert cloud.listed() == []
