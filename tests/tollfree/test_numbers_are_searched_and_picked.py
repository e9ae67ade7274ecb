from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import VIEW
from portal.tenants.models import Tenant
from tests.tollfree.inventory.pages import words
from tests.tollfree.inventory.stories import NUMBER, OTHER, an_order, owned
from tollfree.orders.states import OrderState
from tollfree.search.search import held

Search = Callable[..., Any]


@pytest.fixture
def search(set_up: Access, tenant: Tenant, representative: User, client_of: Callable[[User], Client]) -> Search:
    """Search as the representative; without words, open the empty page."""
    client, url = client_of(representative), reverse("numbers:search", args=[tenant.pk])

    def asked(**query: Any) -> Any:
        return client.get(url, query)

    return asked


def box(number: str, *, more: str = "") -> str:
    """A number's checkbox, as it stands in the page's source."""
    return f'name="number" value="{number}"{more}>'


def source(answer: Any) -> str:
    return " ".join(answer.content.decode().split()).replace(" >", ">")


def test_the_empty_page_asks_nobody(search: Search, sandbox: Control) -> None:
    assert "How many" in words(search())
    assert sandbox.ledger() == []


def test_letters_are_shown_as_digits_and_marked_in_what_was_found(search: Search, sandbox: Control) -> None:
    sandbox.genesys_cloud.offer("18442225563")
    page = search(count="3", vanity="callme")
    assert "CALLME is 225563 on the keypad." in words(page)
    assert "+1 844 2<mark>22 5563</mark>" in source(page)
    assert "+1 844 2CALLME" in words(page)
    assert source(page).count('name="number"') == 3


def test_nothing_found_says_so(search: Search, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(pool_size=0)
    assert "Nothing is free that ends with CALLME (225563 on the keypad)." in words(search(count="3", vanity="CALLME"))
    assert "offers no number now" in words(search(count="3"))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"count": "0"}, "Enter a whole number from 1 to 100."),
        ({"count": "101"}, "Enter a whole number from 1 to 100."),
        ({"count": "many"}, "Enter a whole number from 1 to 100."),
        ({"count": ""}, "Enter a whole number from 1 to 100."),
        ({"count": "5", "vanity": "ABC"}, "Enter 4 to 7 letters or digits"),
        ({"count": "5", "vanity": "ABCDEFGH"}, "This is 8 long."),
        ({"count": "5", "vanity": "AB-CD"}, "with nothing between them"),
        ({"count": "5", "vanity": "ÄBCD"}, "Enter 4 to 7 letters or digits"),
        ({"count": "5", "vanity": "٤٤٤٤"}, "Enter 4 to 7 letters or digits"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_lost(
    search: Search, sandbox: Control, query: dict[str, str], sentence: str
) -> None:
    page = search(**query, number=[NUMBER])
    assert sentence in words(page)
    assert f'value="{query["count"]}"' in source(page) or not query["count"]
    assert box(NUMBER, more=" checked") in source(page)
    assert sandbox.ledger() == []


@pytest.mark.parametrize("fault", ["server_error", "reset", "too_many_requests", "json_array", "html_200"])
def test_a_broken_provider_is_a_sentence_and_the_picks_stay(search: Search, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match={"path_contains": "available"}, times=2)
    page = search(count="5", vanity="CALL", number=[NUMBER])
    assert page.status_code == 200
    assert "error-summary" in source(page)
    assert "Whether the request was carried out" not in words(page)
    assert box(NUMBER, more=" checked") in source(page)
    assert 'value="CALL"' in source(page)


def test_a_slow_provider_is_given_up(search: Search, sandbox: Control, settings: Any) -> None:
    search(count="1")
    settings.OUTBOUND_TOTAL_SECONDS = settings.OUTBOUND_READ_SECONDS = 0.3
    sandbox.fault("slow_first_byte", match={"path_contains": "available"}, times=1)
    assert "did not answer in time" in words(search(count="5"))


def test_a_client_that_lost_its_permission_is_told_so(search: Search, sandbox: Control) -> None:
    search(count="1")
    sandbox.genesys_cloud.revoke(VIEW)
    assert f"it lacks {VIEW}" in words(search(count="1"))


def test_picks_of_an_earlier_search_stay_picked(search: Search, sandbox: Control) -> None:
    sandbox.genesys_cloud.offer(NUMBER)
    page = search(count="2", number=[OTHER, OTHER, NUMBER, "16504661149", "nonsense"])
    assert source(page).count('name="number"') == 3  # each once, and no number that is not toll-free
    assert box(OTHER, more=" checked") in source(page)
    assert box(NUMBER, more=" checked") in source(page)
    assert "2 picked" in words(page)


def test_too_many_picks_are_told_and_none_is_dropped(search: Search) -> None:
    many = [f"1844555{place:04}" for place in range(51)]
    page = search(number=many)
    assert "An order takes 50 numbers at most, and 51 are picked." in words(page)
    assert source(page).count(" checked>") == 51


def test_what_somebody_here_holds_cannot_be_picked(
    search: Search, sandbox: Control, set_up: Access, other_tenant: Tenant, representative: User
) -> None:
    sandbox.genesys_cloud.offer(NUMBER, OTHER, "18885550100", "18885550101")
    an_order(set_up, NUMBER, OrderState.AWAITING_APPROVAL)
    an_order(set_up, "18885550101", OrderState.CANCELLED)
    owned(other_tenant, OTHER)
    page = search(count="4", number=[NUMBER])
    assert box(NUMBER, more=" disabled") in source(page)
    assert box(OTHER, more=" disabled") in source(page)
    assert box("18885550100") in source(page)
    assert box("18885550101") in source(page)  # a cancelled order has let go of it
    assert "0 picked" in words(page)
    assert held(representative, [NUMBER, OTHER, "18885550100"]) == {
        NUMBER: "An order for Acme has it",
        OTHER: "Somebody here has it already",  # whoever does not see Globex does not read its name
    }


def test_the_picked_ones_go_to_the_page_that_orders(search: Search, tenant: Tenant) -> None:
    page = search(count="2")
    assert f'formaction="{reverse("order_new", args=[tenant.pk])}"' in source(page)
    assert source(page).count("btn-primary") == 1
    assert "formaction" not in source(search())  # without numbers there is nothing to order
