"""The rules for orders, and what numbers cost: who changed them is told, and weaker ones stand out."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.support.forms import form_to
from tests.support.lines import changes_of
from tests.tollfree.inventory.pages import words
from tests.tollfree.orders.buying import go_now
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder, OrderPolicy, Rate
from tollfree.orders.pricing import set_rate

SignIn = Callable[[User], Client]
RATE = {"valid_from": "2026-01-01", "monthly": "2.00", "once": "0", "currency": "USD", "note": ""}


def rules(tenant: Tenant, **some: Any) -> OrderPolicy:
    facts: dict[str, Any] = {"approve_from": 5, "approve_releases": True, "monthly_cap": Decimal(10)} | some
    return set_policy(command_line(), tenant, **facts)


def hidden(client: Client, page: str) -> dict[str, str]:
    return form_to(client.get(page).content, "").hidden


def test_two_people_who_edit_the_rules_at_once_are_told(administrator: User, tenant: Tenant, client_of: SignIn) -> None:
    page, boss = reverse("order_policy", args=[tenant.pk]), client_of(administrator)
    seen = hidden(boss, page)
    rules(tenant, approve_from=2)
    typed = {"approve_from": "9", "monthly_cap": "10.00", "monthly_cap_currency": "USD", "approve_releases": "on"}
    answer = boss.post(page, seen | typed)
    assert "Somebody else changed these rules" in words(answer)
    assert "needs a second approval 2 9" in words(answer)
    assert OrderPolicy.objects.get().approve_from == 2
    boss.post(page, form_to(answer.content, "").hidden | typed)  # who was told may go on
    assert OrderPolicy.objects.get().approve_from == 9


@pytest.mark.databases
def test_of_rules_set_at_the_same_moment_one_holds_and_the_others_are_told(
    transactional_db: None, tenant: Tenant
) -> None:
    def change(number: int) -> str:
        try:
            rules(tenant, approve_from=number, version=0)
        except ValidationError as error:
            return " ".join(error.messages)
        return "set"

    ends = at_once([partial(change, number) for number in range(10, 14)])
    assert sorted(ends) == ["Somebody else changed these rules after you opened this page."] * 3 + ["set"]


def test_weaker_rules_are_an_unusual_event_of_their_own(tenant: Tenant) -> None:
    assert Verb.ORDER_POLICY_WEAKENED.is_unusual

    def weakened(**some: Any) -> dict[str, Any] | None:
        events = Event.objects.filter(verb="order_policy.weakened")
        before = events.count()
        rules(tenant, **some)
        return changes_of("order_policy.weakened") if events.count() > before else None

    assert weakened() is None
    assert weakened(approve_from=6) == {"approve from": [5, 6]}
    assert weakened(approve_from=5) is None
    assert weakened(monthly_cap=Decimal(11), approve_from=3) == {"monthly cap": ["10.00", "11.00"]}
    assert weakened(monthly_cap=Decimal(9)) == {"approve from": [3, 5]}
    assert weakened(monthly_cap=Decimal(9), monthly_cap_currency="EUR") == {"currency of the cap": ["USD", "EUR"]}
    assert weakened(monthly_cap=None) == {"monthly cap": ["9.00", None]}
    assert weakened(monthly_cap=None, approve_releases=False) == {"approve releases": [True, False]}
    assert weakened(approve_releases=True) is None


def test_two_people_who_set_a_rate_at_once_are_told(site_administrator: User, client_of: SignIn, db: None) -> None:
    page, site = reverse("rates"), client_of(site_administrator)
    seen = hidden(site, page)
    set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal(3), currency="EUR")
    answer = site.post(page, RATE | seen)
    assert "set another rate after you opened this page: 3.00 EUR a month" in words(answer)
    assert Rate.objects.count() == 1
    site.post(page, RATE | form_to(answer.content, "").hidden)
    assert Rate.objects.count() == 2


@pytest.mark.databases
def test_of_rates_set_at_the_same_moment_one_is_kept(transactional_db: None) -> None:
    def change(amount: int) -> str:
        facts: dict[str, Any] = {"monthly": Decimal(amount), "currency": "USD", "seen": 0}
        try:
            set_rate(command_line(), valid_from=timezone.localdate(), **facts)
        except ValidationError as error:
            return "told" if error.code == "changed" else "?"
        return "set"

    ends = at_once([partial(change, amount) for amount in range(1, 5)])
    assert sorted(ends) == ["set", "told", "told", "told"]


@pytest.mark.usefixtures("ordering", "wake_ups")
def test_two_people_who_change_a_comment_at_once_are_told(
    representative: User, buyer: Actor, queued: NumberOrder, sandbox: Control, client_of: SignIn
) -> None:
    go_now(queued)
    page, desk = reverse("order_comment", args=[queued.pk]), client_of(representative)
    seen = hidden(desk, page)
    desk.post(page, seen | {"comment": "Night line"})
    answer = desk.post(page, seen | {"comment": "Day line"})
    assert "It is now: Night line. Send yours again to replace it." in words(answer)
    queued.refresh_from_db()
    assert queued.comment == "Night line"
    desk.post(page, form_to(answer.content, "").hidden | {"comment": "Day line"})
    queued.refresh_from_db()
    assert queued.comment == "Day line"


def test_rules_and_rates_ask_for_the_proof_before_their_form_is_shown(
    administrator: User, site_administrator: User, representative: User, tenant: Tenant, client_of: SignIn
) -> None:
    pages = {reverse("order_policy", args=[tenant.pk]): administrator, reverse("rates"): site_administrator}
    for page, user in pages.items():
        client = client_of(user)
        client.get("/")
        Session.objects.update(proven_at=timezone.now() - timedelta(seconds=601))
        asked = f"{reverse('account_reauthenticate')}?next={quote(page, safe='')}"
        for answer in (client.get(page), client.post(page, RATE | {"approve_from": "9"})):
            assert answer.headers["Location"] == asked
        reader = client_of(representative)
        reader.get("/")
        Session.objects.update(proven_at=timezone.now() - timedelta(seconds=601))
        assert reader.get(page).status_code == 200
    assert not OrderPolicy.objects.exists()
    assert not Rate.objects.exists()
