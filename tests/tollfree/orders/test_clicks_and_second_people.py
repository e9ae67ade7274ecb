import itertools
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER, fresh, go_now, verbs
from tollfree.orders import actions
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder, OrderGroup
from tollfree.orders.pricing import cost_of, rate_now, set_rate

FIVE = [f"1844555120{digit}" for digit in range(5)]


def told(deed: object) -> str:
    """What came of it, in a word."""
    return deed if isinstance(deed, str) else "ordered"


def attempt(actor: Actor, tenant: Tenant, *numbers: str, **more: object) -> str | OrderGroup:
    try:
        return buying.group(actor, tenant, *numbers, **more)
    except ValidationError as error:
        return " ".join(error.messages)


@pytest.mark.databases
def test_fifty_clicks_on_one_form_are_one_order(
    transactional_db: None, buyer: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    token = uuid4()
    groups = at_once([lambda: buying.group(buyer, tenant, NUMBER, OTHER, form_token=token)] * 50)
    assert len({group.pk for group in groups}) == 1
    assert NumberOrder.objects.count() == 2
    assert sorted(wake_ups) == sorted(str(order.pk) for order in NumberOrder.objects.all())
    assert verbs(tenant).count("order.confirmed") == 2


@pytest.mark.databases
def test_two_representatives_at_once_order_a_number_once(
    *, transactional_db: None, buyer: Actor, second: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    ends = at_once([lambda: attempt(buyer, tenant), lambda: attempt(second, tenant)] * 4)
    assert sorted(map(told, ends)) == ["+1 844 555 1212 has a live order already. Search for another number."] * 7 + [
        "ordered"
    ]
    assert NumberOrder.objects.count() == 1


@pytest.mark.databases
def test_at_the_limit_a_crowd_spends_no_cent_more(
    *, transactional_db: None, buyer: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal("2.00"), currency="USD")
    set_policy(command_line(), tenant, approve_from=5, approve_releases=False, monthly_cap=Decimal("7.00"))
    numbers = itertools.count(18_445_550_000)
    ends = at_once([lambda: attempt(buyer, tenant, str(next(numbers)), cost="1 × 2.00 USD a month")] * 12)
    assert sorted(map(told, ends)).count("ordered") == 3
    assert NumberOrder.objects.count() == 3


def test_the_same_form_with_other_numbers_is_no_second_click(
    buyer: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    token = uuid4()
    buying.group(buyer, tenant, NUMBER, form_token=token)
    assert "sent already, with other numbers" in told(attempt(buyer, tenant, OTHER, form_token=token))


def test_the_cost_is_confirmed_in_words(
    buyer: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str], site_administrator: User
) -> None:
    assert "cost is unknown" in told(attempt(buyer, tenant, accept_unknown_cost=False))
    set_rate(person(site_administrator), valid_from=timezone.localdate(), monthly=Decimal(2), currency="usd")
    assert cost_of(2, rate_now()).question == "Order 2 numbers, 2 × 2.00 USD a month"
    assert "costs 2 × 2.00 USD a month" in told(attempt(buyer, tenant, NUMBER, OTHER, cost="2 × 1.00 USD a month"))
    assert not NumberOrder.objects.exists()
    group = buying.group(buyer, tenant, NUMBER, OTHER, cost="2 × 2.00 USD a month")
    assert (group.monthly, group.currency, group.cost_accepted) == (Decimal("2.00"), "USD", "2 × 2.00 USD a month")


def test_only_site_administrators_set_rates(buyer: Actor) -> None:
    with pytest.raises(PermissionDenied):
        set_rate(buyer, valid_from=timezone.localdate(), monthly=Decimal(2), currency="USD")


@pytest.mark.parametrize("amount", ["-1", "1.001", "NaN", "Infinity", "1e30"])
def test_a_rate_is_an_amount(db: None, amount: str) -> None:
    with pytest.raises(ValidationError):
        set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal(amount), currency="USD")


def test_from_five_numbers_on_a_second_person_approves(
    *, transactional_db: None, buyer: Actor, second: Actor, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    group = buying.group(buyer, tenant, *FIVE)
    assert group.needs_approval
    orders = {str(order.pk) for order in group.orders.all()}
    assert not orders.intersection(wake_ups)  # only the second person is told
    for own in (buyer, command_line()):
        with pytest.raises(PermissionDenied, match="a second person"):
            actions.approve_group(own, group)
    actions.approve_group(second, group)
    assert set(group.orders.values_list("state", flat=True)) == {"queued"}
    assert orders <= set(wake_ups)
    with pytest.raises(ValidationError, match="has decided"):
        actions.decline_group(second, group, reason="Too late.")


def test_a_declined_order_lets_go_of_its_numbers(
    *, buyer: Actor, administrator: User, tenant: Tenant, ordering: Access, wake_ups: list[str]
) -> None:
    group = buying.group(buyer, tenant, *FIVE)
    actions.decline_group(person(administrator), group, reason="Not this year.")
    assert set(group.orders.values_list("state", flat=True)) == {"declined"}
    assert buying.order(buyer, tenant, FIVE[0]).state == "queued"


def test_an_order_is_cancelled_before_it_is_sent_and_not_after(
    buyer: Actor, queued: NumberOrder, tenant: Tenant
) -> None:
    assert actions.cancel_order(buyer, queued).state == "cancelled"
    assert actions.cancel_order(buyer, queued).state == "cancelled"
    assert verbs(tenant).count("order.cancelled") == 1
    placed = go_now(buying.order(buyer, tenant))
    with pytest.raises(ValidationError, match="placed already"):
        actions.cancel_order(buyer, placed)


def test_others_may_not_order(auditor: User, administrator: User, outsider: User, tenant: Tenant) -> None:
    for user in (auditor, administrator, outsider):
        with pytest.raises(PermissionDenied):
            buying.group(person(user), tenant)


def test_another_tenants_order_is_not_told(
    *, buyer: Actor, queued: NumberOrder, other_tenant: Tenant, ordering: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genesys_cloud.access._answers", [lambda _: ordering])
    refusal = told(attempt(command_line(), other_tenant))
    assert refusal == "+1 844 555 1212 has a live order already. Search for another number."


BAD: dict[str, list[object]] = {
    "numbers": [["12125551212"], ["18445551"], ["x"], [], [f"1844{n}" for n in range(2_000_000, 2_000_051)]],
    "comment": ["x" * 10_240, "a\0b"],
    "email": ["a@example.com\nBcc: b@example.com", "nobody"],
    "reason": ["", "  "],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in BAD.items() for value in values])
def test_bad_input_gets_a_sentence_at_its_field(
    buyer: Actor, tenant: Tenant, ordering: Access, field: str, value: object
) -> None:
    form = {"numbers": [NUMBER], "comment": "", "email": "", "reason": "Support"} | {field: value}
    with pytest.raises(ValidationError) as refusal:
        actions.draft_orders(buyer, tenant, form_token=uuid4(), **form)  # type: ignore[arg-type]  # bad on purpose
    assert list(refusal.value.message_dict) == [field]
    assert not NumberOrder.objects.exists()


def test_a_tenant_with_an_order_on_its_way_is_not_archived(queued: NumberOrder, tenant: Tenant) -> None:
    with pytest.raises(ValidationError, match="on their way"):
        archive_tenant(command_line(), tenant)
    assert fresh(queued).state == "queued"
