"""A line tells from what to what, so that nobody has to look for the one before it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from genesys_cloud.responses import ProviderOrder
from portal.accounts.actions import withdraw_role
from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.integrity_check import verify_database
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.evidence.actions import erase
from portal.tenants.models import Tenant
from tests.portal.evidence.test_erasing import rows_with
from tests.support.lines import changes_of
from tests.tollfree.inventory.stories import refreshed
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER, fresh, go_now
from tollfree.orders.actions import note_refusal
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.comments import change_comment
from tollfree.orders.models import NumberOrder, OrderGroup, Release
from tollfree.orders.pricing import set_rate
from tollfree.orders.releases.actions import ask_release
from tollfree.orders.releases.worker import send_release
from tollfree.orders.review import decide_not_placed
from tollfree.orders.worker import poll
from tollfree.requests.actions import answer_request, send_request
from tollfree.requests.models import RequestKind, RequestState

CAP = Decimal("10.00")


def test_the_rules_for_orders(tenant: Tenant, administrator: User) -> None:
    for rules in ((2, CAP), (2, CAP), (3, None)):  # the same again is no change
        set_policy(person(administrator), tenant, approve_from=rules[0], approve_releases=False, monthly_cap=rules[1])
    assert changes_of("order_policy.set") == {"approve from": [2, 3], "monthly cap": ["10.00", None]}
    assert Event.objects.filter(verb="order_policy.set").count() == 2


def test_what_a_number_costs(db: None) -> None:
    for day, monthly, once in ((1, "2.00", "0.50"), (2, "3.00", "1.00")):
        facts: dict[str, Any] = {"valid_from": date(2026, 1, day), "currency": "USD"}
        set_rate(command_line(), monthly=Decimal(monthly), once=Decimal(once), **facts)
    changes = changes_of("rate.set")
    assert changes["once"] == ["0.50", "1.00"]
    assert all("2.00" in before and "3.00" in after for before, after in [changes["rate"]])


def test_what_genesys_cloud_says_of_an_order(
    queued: NumberOrder, buyer: Actor, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = go_now(queued)
    told = changes_of("order.placed")
    assert told["state"] == ["sending", "placed"]
    assert told["provider_order_id"] == [None, placed.provider_order_id]
    assert told["status"][1] in {200, 201, 202}
    for word in ("CARRIER_PENDING", "CARRIER_PENDING", "ALMOST"):
        found = ProviderOrder(placed.provider_order_id, word)
        monkeypatch.setattr(poll, "order_status", lambda *_, found=found, **__: found)
        placed = go_now(placed)
    assert changes_of("order.heard") == {"provider_word": ["CARRIER_PENDING", "ALMOST"]}
    assert Event.objects.filter(verb="order.heard").count() == 2
    change_comment(buyer, placed, comment="Sales")
    assert changes_of("order.comment_changed") == {"comment": ["Hotline", "Sales"]}


def test_a_refusal_that_somebody_noted(queued: NumberOrder, buyer: Actor, sandbox: Control) -> None:
    sandbox.fault("bad_request", match={"method": "POST", "path_contains": "/tollfreenumbers"})
    refused = go_now(queued)
    assert refused.state == "refused"
    assert changes_of("order.refused")["state"] == ["sending", "refused"]
    note_refusal(buyer, refused)
    assert changes_of("order.refusal_noted") == {"noted": [False, True]}


#: Whom the story tells of, and the address to which Genesys Cloud writes.
ADDRESSES = ("representative@example.com", "administrator@example.com", "a@example.com", "carol@example.com")


def chained(text: str) -> list[str]:
    """The verbs of the lines whose bytes hold this text in any case."""
    return [event.verb for event in Event.objects.order_by("pk") if text.encode() in bytes(event.canonical).lower()]


def a_long_story(
    buyer: Actor, tenant: Tenant, administrator: User, representative: User, sandbox: Control
) -> NumberOrder:
    """Orders that are placed, cancelled and reviewed; a list, requests, comments; and a role that is taken away."""
    asked = send_request(
        person(administrator), tenant, kind=RequestKind.TEXT_ENABLING, number=NUMBER, note="Write to carol@example.com"
    )
    answer_request(buyer, asked, state=RequestState.DONE, answer="Carol@example.com knows")
    placed = go_now(NumberOrder.objects.get())
    change_comment(buyer, placed, comment="Ask carol@example.com")
    go_now(placed)
    refreshed(representative, tenant)
    reviewed = buying.order(buyer, tenant, OTHER, reason="representative@example.com needs it")
    NumberOrder.objects.filter(pk=reviewed.pk).update(state="under_review")
    decide_not_placed(person(administrator), fresh(reviewed), reason="carol@example.com looked")
    last = buying.order(buyer, tenant, OTHER, reason="once more")
    withdraw_role(command_line(), Membership.objects.get(user=representative), reason="carol@example.com said so")
    go_now(last)
    assert fresh(last).state == "cancelled"
    return placed


@pytest.mark.databases
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("queued")
def test_no_byte_of_a_long_story_holds_an_address_and_an_erasure_reaches_all_of_it(
    buyer: Actor, tenant: Tenant, administrator: User, representative: User, sandbox: Control
) -> None:
    with pytest.raises(ValidationError, match="An order that is not sent yet holds this address"):
        erase(command_line(), "a@example.com", reason="as asked")
    a_long_story(buyer, tenant, administrator, representative, sandbox)
    assert [verb for text in (*ADDRESSES, "@", "%40") for verb in chained(text)] == []
    assert len(rows_with("a@example.com")) > 1
    for address in ADDRESSES:
        erase(command_line(), address, reason="as asked")
    assert {table for address in ADDRESSES for table in rows_with(address)} == {"accounts_user"}
    assert OrderGroup.objects.order_by("asked_at").first().email == "(erased)"  # type: ignore[union-attr]  # there is one
    assert verify_database().problems == []


@pytest.mark.django_db(transaction=True)
def test_a_release_of_somebody_who_lost_the_role_names_nobody(
    queued: NumberOrder, buyer: Actor, tenant: Tenant, representative: User, sandbox: Control
) -> None:
    go_now(queued)
    refreshed(representative, tenant)
    ask_release(buyer, tenant, NUMBER, typed=NUMBER, reason="a mistake")
    withdraw_role(command_line(), Membership.objects.get(user=representative), reason="left")
    release = Release.objects.get()
    send_release(release)
    release.refresh_from_db()
    assert "The person who asked for it may no longer release its numbers" in release.sentence
    assert chained("representative@example.com") == []
