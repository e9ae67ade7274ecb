"""Four eyes: who is the second person, and when one is needed."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.actions import withdraw_role
from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.notifications import mailing
from portal.notifications.models import OutboxMessage
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.support.forms import form_to
from tests.tollfree.inventory.pages import words
from tests.tollfree.inventory.stories import owned
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER, go_now
from tollfree.orders.actions import approve_group, cancel_order, confirm_group, decline_group, draft_orders
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.pricing import cost_of, rate_now, set_rate
from tollfree.orders.releases.actions import approve_release, ask_release, decline_release

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.usefixtures("ordering", "wake_ups")


def rules(tenant: Tenant, *, approve_from: int = 5, cap: str = "", currency: str = "", releases: bool = False) -> None:
    set_policy(
        command_line(),
        tenant,
        approve_from=approve_from,
        approve_releases=releases,
        monthly_cap=Decimal(cap) if cap else None,
        monthly_cap_currency=currency,
    )


def rate(monthly: str, currency: str = "USD") -> None:
    set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal(monthly), currency=currency)


def order(actor: Actor, tenant: Tenant, *numbers: int) -> OrderGroup:
    """Order these numbers at today's cost."""
    spelled = [f"184455501{number:02}" for number in numbers]
    return buying.group(actor, tenant, *spelled, cost=cost_of(len(spelled), rate_now()).words)


def drafted(actor: Actor, tenant: Tenant, *numbers: str) -> OrderGroup:
    return draft_orders(
        actor, tenant, numbers=numbers or [NUMBER], form_token=uuid.uuid4(), reason="A look at the price"
    )


def user_of(actor: Actor) -> User:
    return User.objects.get(email=actor.label)


# --- who the second person is -------------------------------------------------------------------------------------


def test_who_confirmed_an_order_or_drafted_it_is_no_second_person(
    buyer: Actor, second: Actor, administrator: User, tenant: Tenant, client_of: SignIn
) -> None:
    rules(tenant, approve_from=1)
    group = confirm_group(second, drafted(buyer, tenant), accept_unknown_cost=True)
    for own in (buyer, second):
        page, waits = (reverse("order_group", args=[group.pk]), reverse("notices:page"))
        desk = client_of(user_of(own))
        assert "Order to approve" not in words(desk.get(waits))
        assert "Nobody approves what they asked for themselves" in words(desk.get(page))
        with pytest.raises(PermissionDenied, match="a second person"):
            approve_group(own, group)
        with pytest.raises(PermissionDenied, match="a second person"):
            decline_group(own, group, reason="No.")
    assert "Order to approve" in words(client_of(administrator).get(reverse("notices:page")))
    approve_group(person(administrator), group)
    assert group.orders.get().state == "queued"


def test_the_order_is_sent_in_the_name_of_who_confirmed_it(
    buyer: Actor, second: Actor, tenant: Tenant, sandbox: Control
) -> None:
    group = confirm_group(second, drafted(buyer, tenant), accept_unknown_cost=True)
    withdraw_role(command_line(), Membership.objects.get(user=buyer.user_id), reason="moved")
    assert go_now(group.orders.get()).state == "placed"  # who only drafted it is not asked
    other = confirm_group(second, drafted(second, tenant, OTHER), accept_unknown_cost=True)
    withdraw_role(command_line(), Membership.objects.get(user=second.user_id), reason="moved")
    refused = go_now(other.orders.get())
    assert refused.state == "cancelled"
    assert "The person who asked for it may no longer order numbers" in refused.sentence
    assert set(sandbox.bought()) == {NUMBER}


# --- how many numbers one person ordered ------------------------------------------------------------------------


def test_a_split_order_needs_a_second_person_too(buyer: Actor, second: Actor, tenant: Tenant) -> None:
    assert [order(buyer, tenant, *range(each, each + 2)).needs_approval for each in (0, 2, 4)] == [False, False, True]
    assert order(buyer, tenant, 6).needs_approval  # what waits counts too
    assert not order(second, tenant, 10, 11).needs_approval  # another person's orders do not


def test_what_was_not_ordered_or_long_ago_does_not_count(
    buyer: Actor, second: Actor, tenant: Tenant, other_tenant: Tenant
) -> None:
    first = order(buyer, tenant, 0, 1, 2, 3)
    drafted(buyer, tenant, NUMBER, OTHER)
    cancel_order(buyer, first.orders.first() or NumberOrder())
    assert not order(buyer, tenant, 20).needs_approval
    declined = order(buyer, tenant, 21, 22, 23)
    assert "4 before this order" in declined.approval_reason
    decline_group(second, declined, reason="No.")
    group = order(buyer, tenant, 24)
    assert (group.needs_approval, "4 before this order" in group.approval_reason) == (True, True)
    OrderGroup.objects.update(confirmed_at=timezone.now() - timedelta(hours=25))
    assert not order(buyer, tenant, 25).needs_approval


def test_the_command_line_counts_as_one_orderer(tenant: Tenant, buyer: Actor) -> None:
    assert not order(command_line(), tenant, 0, 1, 2).needs_approval
    assert order(command_line(), tenant, 3, 4).needs_approval
    assert not order(buyer, tenant, 5, 6).needs_approval


@pytest.mark.databases
def test_orders_confirmed_at_the_same_moment_know_of_each_other(
    *, transactional_db: None, buyer: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    groups = [drafted(buyer, tenant, f"1844555020{2 * n}", f"1844555020{2 * n + 1}") for n in range(4)]
    deeds = [partial(confirm_group, buyer, group, accept_unknown_cost=True) for group in groups]
    assert sorted(group.needs_approval for group in at_once(deeds)) == [False, False, True, True]


# --- the cap ------------------------------------------------------------------------------------------------------


def test_amounts_of_two_currencies_are_never_added(buyer: Actor, tenant: Tenant) -> None:
    rate("2.00")
    rules(tenant, approve_from=1_000, cap="10.00")
    assert not order(buyer, tenant, 1, 2, 3, 4).needs_approval
    rate("0.50", "KWD")
    in_dinars = order(buyer, tenant, 5)
    assert in_dinars.needs_approval
    assert "limit of 10.00 USD a month holds: some cost 0.50 KWD" in in_dinars.approval_reason
    rate("2.00")
    assert order(buyer, tenant, 6).needs_approval  # the dinars are still there
    with pytest.raises(ValidationError, match=r"cost 10\.00 USD a month already, and may cost 10\.00 USD"):
        order(buyer, tenant, 7)


def test_an_unknown_cost_needs_a_second_person(buyer: Actor, second: Actor, tenant: Tenant) -> None:
    rules(tenant, approve_from=1_000, cap="10.00")
    group = order(buyer, tenant, 1)
    assert "1 of its numbers have a cost that is not known" in group.approval_reason
    assert group.orders.get().state == "awaiting_approval"
    approve_group(second, group)
    assert group.orders.get().state == "queued"
    rate("2.00")
    assert order(buyer, tenant, 2).needs_approval
    cancel_order(buyer, group.orders.get())
    assert not order(buyer, tenant, 3).needs_approval


def test_numbers_of_unknown_cost_are_not_free(buyer: Actor, tenant: Tenant) -> None:
    rules(tenant, approve_from=1_000)
    order(buyer, tenant, *range(10))
    rules(tenant, approve_from=1_000, cap="4.00")
    rate("2.00")
    with pytest.raises(
        ValidationError, match=r"20\.00 USD a month already, 10 of unknown cost counted at today's rate"
    ):
        order(buyer, tenant, 20, 21)


def test_numbers_that_were_not_ordered_here_have_an_unknown_cost(buyer: Actor, tenant: Tenant) -> None:
    rate("2.00")
    rules(tenant, approve_from=1_000, cap="10.00")
    number = owned(tenant, OTHER)
    assert order(buyer, tenant, 1).needs_approval
    number.released_at = timezone.now()
    number.save()
    assert not order(buyer, tenant, 2).needs_approval


def test_a_cap_without_a_currency_has_that_of_the_rate(tenant: Tenant) -> None:
    rules(tenant, cap="1.00")
    assert tenant.order_policy.monthly_cap_currency == "USD"
    rate("2.00", "EUR")
    rules(tenant, cap="2.00")
    tenant.order_policy.refresh_from_db()
    assert tenant.order_policy.monthly_cap_currency == "EUR"
    with pytest.raises(ValidationError, match="three letters"):
        rules(tenant, cap="2.00", currency="dollars")


# --- the pages ----------------------------------------------------------------------------------------------------


def test_an_order_that_needs_an_approval_asks_for_it_and_says_so_before(
    representative: User, buyer: Actor, tenant: Tenant, client_of: SignIn
) -> None:
    rules(tenant, approve_from=2)
    desk = client_of(representative)
    rule = "Orders of 2 or more numbers need a second approval"
    assert rule in words(desk.get(reverse("order_new", args=[tenant.pk]), {"number": [NUMBER, OTHER]}))
    assert rule not in words(desk.get(reverse("order_new", args=[tenant.pk]), {"number": [NUMBER]}))
    group = drafted(buyer, tenant, NUMBER, OTHER)
    answer = desk.get(reverse("order_group", args=[group.pk]))
    assert rule in words(answer)
    confirm = reverse("order_confirm", args=[group.pk])
    form = form_to(answer.content, confirm)
    assert [button.label for button in form.buttons if button.label] == ["Ask for approval"]
    after = desk.post(confirm, form.hidden | {"accept_unknown_cost": "on"}, follow=True)
    assert "A second person is asked to approve it." in words(after)


def test_who_asked_for_an_approval_never_orders_at_once(
    representative: User, buyer: Actor, tenant: Tenant, client_of: SignIn
) -> None:
    rules(tenant, approve_from=1)
    desk, group = client_of(representative), drafted(buyer, tenant)
    confirm = reverse("order_confirm", args=[group.pk])
    form = form_to(desk.get(reverse("order_group", args=[group.pk])).content, confirm)
    rules(tenant, approve_from=100)
    desk.post(confirm, form.hidden | {"accept_unknown_cost": "on"})
    assert group.orders.get().state == "awaiting_approval"


def test_an_outdated_page_says_what_changed_and_does_not_approve(
    buyer: Actor, administrator: User, tenant: Tenant, client_of: SignIn
) -> None:
    rate("2.00")
    rules(tenant, approve_from=2)
    boss, group = client_of(administrator), order(buyer, tenant, 1, 2, 3)
    page, approve = reverse("order_group", args=[group.pk]), reverse("order_approve", args=[group.pk])
    seen = form_to(boss.get(page).content, approve)
    numbers = [f"184455501{n:02}" for n in (1, 2, 3)]
    shown = seen.hidden | {"seen_number": numbers}
    cancel_order(buyer, group.orders.get(number=numbers[0]))
    said = words(boss.post(approve, shown, follow=True))
    assert "This order changed since you opened the page, so nothing was approved." in said
    assert "+1 844 555 0101 does not wait any more" in said
    assert "It costs 2 × 2.00 USD a month now, and not 3 × 2.00 USD a month." in said
    assert set(group.orders.values_list("state", flat=True)) == {"cancelled", "awaiting_approval"}
    shown = form_to(boss.get(page).content, approve).hidden | {"seen_number": numbers[1:]}
    rate("9.00")
    assert "It costs 2 × 9.00 USD a month now" in words(boss.post(approve, shown, follow=True))
    again = boss.get(page)
    assert "confirmed 3 × 2.00 USD a month" in words(again)
    boss.post(approve, form_to(again.content, approve).hidden | {"seen_number": numbers[1:]})
    group.refresh_from_db()
    assert (group.cost_accepted, group.monthly) == ("2 × 9.00 USD a month", Decimal("9.00"))
    assert group.orders.filter(state="queued").count() == 2


def test_an_approval_that_would_break_the_cap_is_refused(buyer: Actor, second: Actor, tenant: Tenant) -> None:
    rate("2.00")
    rules(tenant, approve_from=2, cap="10.00")
    group = order(buyer, tenant, 1, 2)
    rules(tenant, approve_from=2, cap="3.00")
    with pytest.raises(ValidationError, match=r"may cost 3\.00 USD"):
        approve_group(second, group)
    rules(tenant, approve_from=2, cap="4.00")
    approve_group(second, group)  # its own numbers count once


def tell_all() -> list[tuple[str, list[str]]]:
    """Send what is announced; the subjects and the people of the e-mails."""
    mail.outbox.clear()
    for announcement in OutboxMessage.objects.filter(over_at=None):
        mailing.tell(announcement.pk)
    return sorted((each.subject.partition(": ")[2], each.to) for each in mail.outbox)


def test_who_ordered_is_told_of_the_decision(
    buyer: Actor, second: Actor, administrator: User, tenant: Tenant, client_of: SignIn
) -> None:
    rules(tenant, approve_from=1)
    group = confirm_group(second, drafted(buyer, tenant), accept_unknown_cost=True)
    other = confirm_group(second, drafted(buyer, tenant, OTHER), accept_unknown_cost=True)
    tell_all()
    approve_group(person(administrator), group)
    decline_group(person(administrator), other, reason="Too dear")
    assert tell_all() == [("Decisions about your orders, Acme", [second.label])] * 2
    desk, waits = client_of(user_of(second)), reverse("notices:page")
    assert "Your order was approved" in words(desk.get(waits))
    assert "administrator@example.com declined it. Too dear" in words(desk.get(waits))
    assert "Nothing waits for you" in words(client_of(user_of(buyer)).get(waits))
    for each in (group, other):
        noted = reverse("order_decision_noted", args=[each.pk])
        assert client_of(user_of(buyer)).post(noted).status_code == 403
        assert form_to(desk.get(reverse("order_group", args=[each.pk])).content, noted).buttons
        desk.post(noted)
    assert "Nothing waits for you" in words(desk.get(waits))


def test_who_asked_for_a_release_is_told_of_the_decision(
    representative: User, buyer: Actor, second: Actor, tenant: Tenant, client_of: SignIn
) -> None:
    rules(tenant, releases=True)
    releases = []
    for number in (NUMBER, OTHER):
        owned(tenant, number)
        releases.append(ask_release(buyer, tenant, number, typed=number, reason="Over"))
    tell_all()
    approve_release(second, releases[0])
    decline_release(second, releases[1], reason="Sales uses it")
    assert tell_all() == [("Decisions about your releases, Acme", [buyer.label])] * 2
    desk, waits = client_of(representative), reverse("notices:page")
    assert "+1 844 555 1212: release approved" in words(desk.get(waits))
    assert "declined it. Sales uses it" in words(desk.get(waits))
    for release in releases:
        noted = reverse("release_decision_noted", args=[release.pk])
        assert client_of(user_of(second)).post(noted).status_code == 403
        assert form_to(desk.get(reverse("release", args=[release.pk])).content, noted).buttons
        desk.post(noted)
    assert "Nothing waits for you" in words(desk.get(waits))
