from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.tollfree.inventory.pages import words
from tests.tollfree.inventory.stories import owned
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER, fresh, go_now
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder, OrderGroup, OrderPolicy, Rate, Release
from tollfree.orders.pricing import set_rate
from tollfree.orders.states import OrderState, ReleaseState
from tollfree.orders.timeline import RELEASE_TO_DO, RELEASE_TONES, TO_DO, TONES

SignIn = Callable[[User], Client]

pytestmark = pytest.mark.usefixtures("ordering", "wake_ups")


@pytest.fixture
def two_dollars(db: None) -> Rate:
    return set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal("2.00"), currency="USD")


@pytest.fixture
def desk(representative: User, client_of: SignIn) -> Client:
    """The representative's browser."""
    return client_of(representative)


def draft(client: Client, tenant: Tenant, numbers: Sequence[str] = (NUMBER,), **fields: Any) -> Any:
    form = {"form_token": str(uuid4()), "reason": "Support line", "comment": "Hotline", "email": "a@example.com"}
    return client.post(reverse("order_new", args=[tenant.pk]), form | {"number": numbers} | fields, follow=True)


def press(client: Client, name: str, row: Any, **fields: Any) -> Any:
    return client.post(reverse(name, args=[row.pk]), fields, follow=True)


def unnamed(page: Any) -> str:
    """What an error page says, without the request's own id."""
    return words(page).partition(" Request ")[0]


def test_every_state_says_what_to_do_and_has_a_look() -> None:
    assert set(TO_DO) == set(TONES) == set(OrderState)
    assert set(RELEASE_TO_DO) == set(RELEASE_TONES) == set(ReleaseState)


def test_what_was_picked_is_ordered_with_the_cost_in_words(desk: Client, tenant: Tenant, two_dollars: Rate) -> None:
    form = desk.get(reverse("order_new", args=[tenant.pk]), {"number": [NUMBER, OTHER, NUMBER]})
    assert "Cost 2 × 2.00 USD a month" in words(form)
    page = draft(desk, tenant, [NUMBER, OTHER])
    assert "Order 2 numbers, 2 × 2.00 USD a month" in words(page)
    assert NumberOrder.objects.filter(state="draft").count() == 2
    group = OrderGroup.objects.get()
    after = press(desk, "order_confirm", group, cost="2 × 2.00 USD a month")
    assert "Queued" in words(after)
    assert group.orders.filter(state="queued").count() == 2


def test_a_double_click_and_a_form_sent_again_are_one_order(desk: Client, tenant: Tenant, two_dollars: Rate) -> None:
    token = str(uuid4())
    pages = [draft(desk, tenant, form_token=token) for _ in range(3)]
    assert len({page.request["PATH_INFO"] for page in pages}) == 1
    for _ in range(2):
        press(desk, "order_confirm", OrderGroup.objects.get(), cost="1 × 2.00 USD a month")
    assert NumberOrder.objects.get().state == "queued"


def test_an_unknown_cost_needs_an_explicit_yes_and_a_new_rate_a_new_look(desk: Client, tenant: Tenant) -> None:
    assert "Order 1 number, cost unknown" in words(draft(desk, tenant))
    group = OrderGroup.objects.get()
    assert "Say yes to that explicitly" in words(press(desk, "order_confirm", group))
    set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal("2.00"), currency="USD")
    page = words(press(desk, "order_confirm", group, accept_unknown_cost="on"))
    assert "This costs 1 × 2.00 USD a month. Look at the cost and confirm it in these words." in page
    assert NumberOrder.objects.get().state == "draft"
    press(desk, "order_confirm", group, cost="1 × 2.00 USD a month")
    assert NumberOrder.objects.get().state == "queued"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"numbers": ["16504661149"]}, "+1 650 466 1149 is not toll-free"),
        ({"numbers": [f"1844555{line:04}" for line in range(51)]}, "At most 50 numbers at once; these are 51."),
        ({"reason": ""}, "Say in a few words what the numbers are for."),
        ({"comment": "x" * 10_240}, "At most 500 characters; these are 10,240."),
        ({"email": "a@example.com\nBcc: b@example.com"}, "Enter one e-mail address"),
        ({"form_token": "once"}, "This form is not whole."),
    ],
)
def test_bad_input_is_told_and_what_was_entered_stays(
    desk: Client, tenant: Tenant, wrong: dict[str, Any], sentence: str
) -> None:
    page = draft(desk, tenant, **wrong)
    assert sentence in words(page)
    assert "Hotline" in page.content.decode() or "xxx" in page.content.decode()
    assert not NumberOrder.objects.exists()


def test_a_taken_number_is_told_and_a_draft_can_be_cancelled(desk: Client, tenant: Tenant) -> None:
    draft(desk, tenant)
    assert "+1 844 555 1212 has a live order already." in words(draft(desk, tenant))
    assert "Nothing was ordered." in words(press(desk, "order_group_cancel", OrderGroup.objects.get()))
    assert "Order 1 number" in words(draft(desk, tenant))


def test_a_second_person_approves_and_ones_own_is_refused_in_words(
    desk: Client, administrator: User, buyer: Actor, tenant: Tenant, client_of: SignIn
) -> None:
    set_policy(command_line(), tenant, approve_from=1, approve_releases=False, monthly_cap=None)
    mine, other = buying.group(buyer, tenant), buying.group(buyer, tenant, OTHER)
    boss = client_of(administrator)
    assert "Nobody approves what they asked for themselves" in words(desk.get(reverse("order_group", args=[mine.pk])))
    for name in ("order_approve", "order_decline"):
        assert "Nobody approves what they asked" in words(press(desk, name, mine, reason="Fine"))
    assert mine.orders.get().state == "awaiting_approval"
    waits = reverse("notices:page")
    assert "Nothing waits for you" in words(desk.get(waits))
    assert words(boss.get(waits)).count("Order to approve") == 2
    assert "Approved. The orders are sent now." in words(press(boss, "order_approve", mine))
    assert "has decided about this already" in words(press(boss, "order_approve", mine))
    assert "Say why you decline it." in words(press(boss, "order_decline", other))
    assert "Too dear" in words(press(boss, "order_decline", other, reason="Too dear"))
    assert {mine.orders.get().state, other.orders.get().state} == {"queued", "declined"}
    assert "Nothing waits for you" in words(boss.get(waits))


def test_the_page_of_an_order_tells_its_story_and_stops_asking(
    desk: Client, queued: NumberOrder, sandbox: Control
) -> None:
    page = reverse("order", args=[queued.pk])
    assert 'hx-trigger="every 1s"' in desk.get(page).content.decode()
    placed = go_now(queued)
    told = desk.get(page)
    assert 'hx-trigger="every 3s"' in told.content.decode()
    for part in ("Genesys Cloud took the order.", "Correlation id", "About to be sent", "POST http"):
        assert part.lower() in words(told).lower()
    while placed.state == OrderState.PLACED:
        placed = go_now(placed)
    end = desk.get(reverse("order_timeline", args=[queued.pk])).content.decode()
    assert "hx-get" not in end
    assert "Sender ID" in end
    assert "Completed" in end


def test_an_order_that_was_not_sent_is_cancelled_and_a_sent_one_is_not(desk: Client, queued: NumberOrder) -> None:
    assert "The order is cancelled. Nothing was sent." in words(press(desk, "order_cancel", queued))
    NumberOrder.objects.update(state="placed")
    assert "cannot be cancelled any more" in words(press(desk, "order_cancel", queued))


def test_a_refused_order_waits_until_somebody_takes_note(desk: Client, queued: NumberOrder, sandbox: Control) -> None:
    NumberOrder.objects.update(state="refused", due_at=None, sentence="Somebody else has it.")
    waits = reverse("notices:page")
    assert "Refused orders" in words(desk.get(waits))
    press(desk, "order_noted", queued)
    press(desk, "order_noted", queued)
    assert "Nothing waits for you" in words(desk.get(waits))
    assert buying.verbs(queued.tenant).count("order.refusal_noted") == 1


def test_a_person_decides_on_the_evidence(desk: Client, buyer: Actor, tenant: Tenant, ordering: Access) -> None:
    first, other = (buying.order(buyer, tenant, number) for number in (NUMBER, OTHER))
    NumberOrder.objects.update(state="under_review", due_at=None, sends=1, sentence="Nobody knows.")
    page = reverse("order_review", args=[first.pk])
    assert page in desk.get(reverse("notices:page")).content.decode()
    first.evidence.create(at=timezone.now(), kind="not_listed", sentence="Look 1: not there.", facts={"seen": 7})
    assert "Look 1: not there. seen: 7" in words(desk.get(page))
    assert "Say how you know" in words(press(desk, "order_review", first, decision="placed"))
    assert "Choose one of the two." in words(press(desk, "order_review", first, reason="x", decision="perhaps"))
    assert "Placed" in words(press(desk, "order_review", first, reason="Genesys says so.", decision="placed"))
    press(desk, "order_review", other, reason="Genesys says no.", decision="not_placed")
    assert (fresh(first).state, fresh(other).state) == ("placed", "not_placed")
    assert "does not wait for a decision" in words(press(desk, "order_review", other, reason="x", decision="placed"))
    assert "A worker looks once more." in words(press(desk, "order_look", first))
    assert "there is nothing to look for" in words(press(desk, "order_look", other))


def test_a_draft_is_confirmed_by_representatives_alone(
    desk: Client, administrator: User, tenant: Tenant, two_dollars: Rate, client_of: SignIn
) -> None:
    assert "Confirm the order" in words(draft(desk, tenant))
    page = client_of(administrator).get(reverse("order_group", args=[OrderGroup.objects.get().pk]))
    assert "Confirm the order" not in words(page)
    assert "Draft of an order" in words(page)
    assert f"A representative of {tenant.name} must confirm the cost first." in words(page)


def test_what_may_take_days_is_told_with_its_date(desk: Client, queued: NumberOrder) -> None:
    queued.evidence.create(at=timezone.now(), kind="not_listed", sentence="Look 1: not there.")
    for name in ("order", "order_evidence"):
        page = desk.get(reverse(name, args=[queued.pk])).text
        assert 'data-local="seconds"' in page
        assert 'data-local="clock"' not in page


def test_a_number_is_released_by_typing_it_and_taken_back(desk: Client, tenant: Tenant) -> None:
    number = owned(tenant)
    page = reverse("release_new", args=[number.pk])
    assert "24 h 00 min" in words(desk.get(page))
    assert "Type the number once more" in words(desk.post(page, {"typed": OTHER, "reason": "Over"}))
    assert "Say why the number is given back." in words(desk.post(page, {"typed": NUMBER}))
    kept = desk.post(page, {"typed": "+1 844 555 1212", "reason": "The campaign is over"}, follow=True)
    assert "Until the waiting time ends it can be taken back" in words(kept)
    assert "going on already" in words(desk.post(page, {"typed": NUMBER, "reason": "Over"}))
    release = Release.objects.get()
    assert "The number is kept." in words(press(desk, "release_take_back", release))
    Release.objects.update(state="released")
    assert "cannot be taken back any more" in words(press(desk, "release_take_back", release))


def test_a_release_is_approved_by_somebody_else(
    desk: Client, administrator: User, tenant: Tenant, client_of: SignIn
) -> None:
    set_policy(command_line(), tenant, approve_from=5, approve_releases=True, monthly_cap=None)
    desk.post(reverse("release_new", args=[owned(tenant).pk]), {"typed": NUMBER, "reason": "Over"})
    release, boss = Release.objects.get(), client_of(administrator)
    for name in ("release_approve", "release_decline"):
        assert "Nobody approves what they asked" in words(press(desk, name, release, reason="x"))
    assert "Releases to approve" in words(boss.get(reverse("notices:page")))
    assert "Say why" in words(press(boss, "release_decline", release))
    assert "The waiting time runs from now on." in words(press(boss, "release_approve", release))
    assert "it waits for no approval" in words(press(boss, "release_decline", release, reason="No"))


def test_the_comment_is_changed_there_and_here(desk: Client, queued: NumberOrder) -> None:
    assert "Only a number that was placed" in words(press(desk, "order_comment", queued, comment="Night line"))
    go_now(queued)
    page = press(desk, "order_comment", queued, comment="Night line")
    assert "Comment changed" in words(page)
    assert fresh(queued).comment == "Night line"


def test_rates_are_dated_and_set_by_site_administrators(
    desk: Client, site_administrator: User, client_of: SignIn
) -> None:
    assert "No rate is set" in words(desk.get(reverse("rates")))
    rate = {"valid_from": "2026-01-01", "monthly": "2.00", "once": "0", "currency": "usd", "note": "Contract 7"}
    assert desk.post(reverse("rates"), rate).status_code == 403
    site = client_of(site_administrator)
    assert "Enter an amount with at most two decimals" in words(
        site.post(reverse("rates"), rate | {"monthly": "2.005"})
    )
    assert "2.00 USD" in words(site.post(reverse("rates"), rate, follow=True))
    assert "1 Jan 2026 In force 2.00 USD" in words(desk.get(reverse("rates")))


def test_the_rules_of_a_tenant_are_its_administrators(
    desk: Client, administrator: User, tenant: Tenant, client_of: SignIn
) -> None:
    page, boss = reverse("order_policy", args=[tenant.pk]), client_of(administrator)
    rules = {"approve_from": "2", "monthly_cap": "", "approve_releases": "on"}
    assert desk.post(page, rules).status_code == 403
    assert "from 5 numbers on" in words(desk.get(page))
    assert "Enter a number from 1 (always) to 1000." in words(boss.post(page, rules | {"approve_from": "0"}))
    assert "The rules hold for orders from now on." in words(boss.post(page, rules, follow=True))
    assert OrderPolicy.objects.get().approve_from == 2


def test_who_may_not_is_refused_and_a_foreign_id_is_an_absent_one(
    *, desk: Client, auditor: User, outsider: User, buyer: Actor, queued: NumberOrder, tenant: Tenant, client_of: SignIn
) -> None:
    desk.post(reverse("release_new", args=[owned(tenant, OTHER).pk]), {"typed": OTHER, "reason": "Over"})
    group, release, number = queued.group, Release.objects.get(), tenant.owned_numbers.get()
    seen = {"orders": tenant, "order_policy": tenant, "order_group": group, "order": queued, "order_timeline": queued}
    seen |= {"release": release}
    done: dict[str, Any] = {
        "order_confirm": group,
        "order_group_cancel": group,
        "order_approve": group,
        "order_decline": group,
    }
    done |= {"order_cancel": queued, "order_noted": queued, "order_look": queued, "release_take_back": release}
    done |= {"release_approve": release, "release_decline": release}
    both = {"order_new": tenant, "order_comment": queued, "order_review": queued, "release_new": number}
    foreign, reader = client_of(outsider), client_of(auditor)
    absent = foreign.get(reverse("order", args=[uuid4()]))
    for name, row in (seen | both).items():
        answer = foreign.get(reverse(name, args=[row.pk]))
        assert (answer.status_code, unnamed(answer)) == (404, unnamed(absent)), name
        assert reader.get(reverse(name, args=[row.pk])).status_code == (200 if name in seen else 403), name
    good = {"reason": "x", "decision": "placed", "comment": "x", "typed": OTHER, "number": [NUMBER]}
    for name, row in (done | both).items():
        assert foreign.post(reverse(name, args=[row.pk]), good).status_code == 404, name
        if name != "order_group_cancel":  # nothing is a draft any more, so nobody is asked
            assert reader.post(reverse(name, args=[row.pk]), good).status_code == 403, name
    assert fresh(queued).state == "queued"
    assert person(User.objects.get(email=buyer.label)) == buyer
