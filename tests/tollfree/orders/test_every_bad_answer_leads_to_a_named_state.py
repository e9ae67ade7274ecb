import pytest
from pytest_django import Settings

from genesys_cloud.access import Access
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.faults import CATALOGUE
from portal.tenants.models import Tenant
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, fresh, go_now, posts
from tollfree.orders.models import NumberOrder, OrderPolicy

POST = {"method": "POST", "path_contains": "tollfreenumbers"}
REFUSED = {
    "unauthorized": "(401)",
    "forbidden": "lacks messagingProvisioning:phoneNumber:add",
    "bad_request": "did not accept the order (400",
    "conflict": "somebody else has it",
    "too_many_requests": "takes no more requests",
}
UNKNOWN = [
    "reply_lost",
    "reset_after_effect",
    "server_error",
    "bad_gateway",
    "gateway_timeout",
    "html_502",
    "html_200",
    "unauthorized_html",
    "redirect_302",
    "truncated_json",
    "json_null",
    "black_hole",
]


@pytest.mark.parametrize(("fault", "sentence"), REFUSED.items())
def test_a_documented_no_is_a_refusal(queued: NumberOrder, sandbox: Control, fault: str, sentence: str) -> None:
    sandbox.fault(fault, match=POST)
    refused = go_now(queued)
    assert refused.state == "refused"
    assert sentence in refused.sentence
    assert (posts(sandbox), sandbox.bought()) == (1, {})


@pytest.mark.parametrize("fault", UNKNOWN)
def test_all_else_is_unknown_until_the_list_tells(
    queued: NumberOrder, sandbox: Control, settings: Settings, fault: str
) -> None:
    settings.OUTBOUND_READ_SECONDS = 0.3
    sandbox.fault(fault, match=POST)
    unknown = go_now(queued)
    assert unknown.state == "unknown"
    assert "nothing is sent again" in unknown.sentence
    go_now(unknown)
    settled = go_now(unknown)
    assert settled.state in ({"placed", "completed"} if sandbox.bought() else {"under_review"})
    assert posts(sandbox) == 1


def test_no_fault_of_the_catalogue_is_sent_twice_or_takes_a_purchase_for_a_refusal(
    *, buyer: Actor, tenant: Tenant, ordering: Access, sandbox: Control, wake_ups: list[str], settings: Settings
) -> None:
    settings.OUTBOUND_READ_SECONDS, settings.OUTBOUND_TOTAL_SECONDS = 0.2, 0.4
    OrderPolicy.objects.create(tenant=tenant, approve_from=1_000)
    wrong = []
    for number, fault in enumerate(CATALOGUE, start=2_000_000):
        order = buying.order(buyer, tenant, f"1844{number}")
        sandbox.fault(fault, match=POST)
        buying.go_now(order)
        sandbox.clear()
        before, bought = posts(sandbox), order.number in sandbox.bought()
        while (state := fresh(order).state) in {"sending", "unknown", "placed", "queued"}:
            go_now(order)
        ended = {"completed", "under_review"} if bought else {"refused", "under_review"}
        if state not in ended or posts(sandbox) != before:
            wrong.append((fault, bought, state))
    assert wrong == []
    assert posts(sandbox) <= len(CATALOGUE)


def test_a_number_that_somebody_else_just_bought(queued: NumberOrder, sandbox: Control) -> None:
    sandbox.genesys_cloud.take(NUMBER)
    refused = go_now(queued)
    assert refused.state == "refused"
    assert "somebody else has it" in refused.sentence
