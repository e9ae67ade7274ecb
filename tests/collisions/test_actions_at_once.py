"""Actions at the same moment: what both want only one gets, the other is told so in words, and none waits in a ring."""

import logging
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import combinations_with_replacement, count
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from genesys_cloud import access as accesses
from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from portal.accounts.actions import add_person, change_role, disable_person, enable_person, grant_role
from portal.accounts.models import Membership
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import SYSTEM, Actor, command_line
from portal.people.actions import invite
from portal.people.models import Invitation
from portal.tenants.actions import add_tenant, add_tenants, edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup
from senders.actions import SenderFacts, add_senders, change_sender, draft_sender
from senders.models import SenderId
from tests.provisioning.collisions.crowd import at_once
from tests.support.cast import PASSWORD, new_member, new_person
from tests.tollfree.conftest import access
from tests.tollfree.inventory.stories import an_order, owned
from tests.tollfree.orders import buying
from tests.tollfree.orders.conftest import buyer, ordering, wake_ups
from tollfree.inventory.models import OwnedNumber
from tollfree.inventory.reconciliation import reconcile
from tollfree.orders.actions import draft_orders
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder
from tollfree.orders.pricing import set_rate
from tollfree.orders.worker import poll

__all__ = ["access", "buyer", "ordering", "wake_ups"]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases, pytest.mark.usefixtures("wake_ups")]

Deed = Callable[[], object]
DONE, REFUSED = "done", "refused in words"


def said(deed: Deed) -> Callable[[], str]:
    """Do it, and say how it ended; an error of the database is the test's."""

    def do() -> str:
        try:
            deed()
        except ValidationError:
            return REFUSED
        return DONE

    return do


def both(one: Deed, other: Deed) -> list[str]:
    """Do both at the same moment, and say how they ended."""
    return sorted(at_once([said(one), said(other)]))


@pytest.fixture
def their_buyer(other_tenant: Tenant, ordering: Access, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A representative of Globex, which may order too."""
    theirs = Access(other_tenant.pk, ordering.login_url, ordering.api_url, "4da40a9d-b113-4024-8ba9-c9dd89c91f67")
    both_of_them = {ordering.tenant_id: ordering, other_tenant.pk: theirs}
    monkeypatch.setattr(accesses, "_answers", [lambda tenant: both_of_them.get(tenant.pk)])
    return person(new_member("theirs", other_tenant, Role.REPRESENTATIVE))


# --- what only one of two can have ------------------------------------------------------------------------------


def test_two_tenants_draft_the_same_numbers_in_another_sequence(
    buyer: Actor, their_buyer: Actor, tenant: Tenant, other_tenant: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "portal.core.db.deadlocks")
    for turn in range(6):
        numbers = [f"1844{turn + 2}5510{n:02}" for n in range(30)]
        ours = partial(draft_orders, buyer, tenant, numbers=numbers, form_token=uuid4(), reason="r")
        theirs = partial(draft_orders, their_buyer, other_tenant, numbers=numbers[::-1], form_token=uuid4(), reason="r")
        ends = both(ours, theirs)
        assert ends == [DONE, REFUSED]
        assert NumberOrder.objects.filter(number__in=numbers).count() == len(numbers)
    assert not caplog.records


def test_a_refresh_and_the_completion_of_an_order_end_both(
    buyer: Actor, tenant: Tenant, ordering: Access, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "portal.core.db.deadlocks")
    for turn in range(4):
        order = an_order(ordering, f"1844{turn + 2}551212", state="placed")  # type: ignore[arg-type]  # as stored
        others = [f"1844{turn + 2}55{n:04}" for n in range(2000, 2060)]
        before = [TollfreeNumber(number, "ACTIVE", "", "") for number in (*others, order.number)]
        after = [TollfreeNumber(number, "CHANGED", "", "") for number in (*others, order.number)]
        reconcile(SYSTEM, ordering, before)

        def complete(order: NumberOrder = order) -> None:
            with transaction.atomic():
                poll._complete(buying.fresh(order), "It is completed.", "COMPLETED")  # noqa: SLF001 - the step alone

        assert both(partial(reconcile, SYSTEM, ordering, after), complete) == [DONE, DONE]
        assert buying.fresh(order).state == "completed"
        assert set(OwnedNumber.objects.filter(number__in=others).values_list("status", flat=True)) == {"CHANGED"}
    assert not caplog.records


def test_two_sender_ids_are_changed_to_the_same_number(actor: Actor, tenant: Tenant) -> None:
    for turn in range(4):
        pair = [draft_sender(actor, tenant.pk, number=f"1650466{1000 + 2 * turn + n}", provider="P") for n in (0, 1)]
        to = SenderFacts(f"1650466{3000 + turn}")
        ends = both(partial(change_sender, actor, pair[0], to), partial(change_sender, actor, pair[1], to))
        assert ends == [DONE, REFUSED]


def test_a_number_is_added_by_a_person_while_another_sender_id_is_changed_to_it(actor: Actor, tenant: Tenant) -> None:
    there = draft_sender(actor, tenant.pk, number="16504661000", provider="P")
    to = SenderFacts("16504663000")
    ends = both(
        lambda: change_sender(actor, there, to), lambda: draft_sender(actor, tenant.pk, number=to.number, provider="P")
    )
    assert ends in ([DONE, DONE], [DONE, REFUSED])
    assert SenderId.objects.filter(number=to.number).count() == 1


def test_the_same_sender_ids_are_added_in_another_sequence(actor: Actor, tenant: Tenant) -> None:
    many = [SenderFacts(f"1650466{n}") for n in range(1000, 1040)]
    ends = both(lambda: add_senders(actor, tenant.pk, many), lambda: add_senders(actor, tenant.pk, many[::-1]))
    assert ends == [DONE, REFUSED]
    assert SenderId.objects.count() == 40


def test_two_people_invite_the_same_address(tenant: Tenant) -> None:
    def do() -> None:
        invite(command_line(), email="new@example.com", tenant=tenant, role=Role.AUDITOR)

    assert both(do, do) in ([DONE, DONE], [DONE, REFUSED])
    assert Invitation.objects.filter(withdrawn_at=None).count() == 1


def test_two_people_add_the_same_person(db: None) -> None:
    def do() -> None:
        add_person(command_line(), email="new@example.com", password=PASSWORD)

    assert both(do, do) == [DONE, REFUSED]


def test_the_same_role_is_granted_twice(tenant: Tenant) -> None:
    user = new_person("ada")

    def do() -> None:
        grant_role(command_line(), user=user, tenant_id=tenant.pk, role=Role.AUDITOR)

    assert both(do, do) == [DONE, DONE]
    assert Membership.objects.filter(user=user).count() == 1


def test_two_roles_of_a_person_are_changed_to_the_same_one(tenant: Tenant) -> None:
    user = new_member("ada", tenant, Role.AUDITOR)
    auditor = Membership.objects.get(user=user)
    other = grant_role(command_line(), user=user, tenant_id=tenant.pk, role=Role.REPRESENTATIVE)
    ends = both(
        lambda: change_role(command_line(), auditor, role=Role.ADMINISTRATOR, reason="r"),
        lambda: change_role(command_line(), other, role=Role.ADMINISTRATOR, reason="r"),
    )
    assert ends == [DONE, REFUSED]


def test_two_people_add_the_same_tenant(db: None) -> None:
    ccid = uuid4()

    def do() -> None:
        add_tenant(command_line(), name="New", ccid=ccid, nexus_url="https://nexus.example.com")

    assert both(do, do) == [DONE, REFUSED]


def test_the_same_tenants_are_added_in_another_sequence(db: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "portal.core.db.deadlocks")
    ids = [uuid4() for _ in range(40)]

    def new() -> list[Tenant]:
        return [Tenant(name=f"T{n}", ccid=ccid, nexus_url="https://n.example.com") for n, ccid in enumerate(ids)]

    one, other = new(), new()[::-1]
    assert both(lambda: add_tenants(command_line(), one), lambda: add_tenants(command_line(), other)) == [DONE, REFUSED]
    assert Tenant.objects.count() == 40
    assert not caplog.records


def test_two_people_begin_the_same_option(actor: Actor, tenant: Tenant) -> None:
    def do() -> None:
        begin_setup(actor, tenant, "kaleyra")

    assert both(do, do) == [DONE, DONE]
    assert Setup.objects.count() == 1


def test_of_two_first_rates_the_later_one_is_refused(db: None) -> None:
    def do() -> None:
        set_rate(
            command_line(), valid_from=date(2026, 1, 1), monthly=Decimal(2), once=Decimal(0), currency="USD", seen=0
        )

    assert both(do, do) == [DONE, REFUSED]


# --- every pair of actions -----------------------------------------------------------------------------------------


@pytest.fixture
def deeds(buyer: Actor, their_buyer: Actor, tenant: Tenant, other_tenant: Tenant, ordering: Access) -> dict[str, Deed]:
    """Actions that write many rows, or rows of several kinds, again and again."""
    actor, turns = command_line(), count()
    numbers = [f"184455510{n:02}" for n in range(20)]
    for number in numbers:
        owned(tenant, number, login_url=ordering.login_url, client_id=ordering.client_id)
    senders = [draft_sender(actor, tenant.pk, number=f"1650466{n}", provider="P") for n in range(1000, 1005)]
    user = new_member("ada", tenant, Role.AUDITOR)

    def draft(who: Actor, where: Tenant, *, backwards: bool) -> Deed:
        def do() -> None:
            wanted = [f"1833{next(turns) % 7 + 2}5510{n:02}" for n in range(8)]
            draft_orders(who, where, numbers=wanted[::-1] if backwards else wanted, form_token=uuid4(), reason="r")

        return do

    def seen_again() -> None:
        words = f"S{next(turns)}"
        reconcile(SYSTEM, ordering, [TollfreeNumber(number, words, "", "") for number in reversed(numbers)])

    def change_all() -> None:
        section = f"SMS_{next(turns)}"
        for n, sender in enumerate(senders):
            change_sender(actor, sender, SenderFacts(sender.number, f"{section}_{n}", "E"))

    def rename() -> None:
        edit_tenant(actor, tenant, name=f"Acme {next(turns)}", nexus_api_key=f"a-key-of-acme-{next(turns)}")

    return {
        "draft": draft(buyer, tenant, backwards=False),
        "draft elsewhere": draft(their_buyer, other_tenant, backwards=True),
        "refresh": seen_again,
        "senders": change_all,
        "tenant": rename,
        "secret": lambda: store_credential(actor, tenant.pk, Kind.NEXUS_API_KEY, f"another-key-{next(turns)}"),
        "person": lambda: (disable_person(actor, user, reason="r"), enable_person(actor, user, reason="r")),
        "invitation": lambda: invite(actor, email="new@example.com", tenant=tenant, role=Role.AUDITOR),
        "policy": lambda: set_policy(
            actor, tenant, approve_from=next(turns) % 9 + 1, approve_releases=False, monthly_cap=None
        ),
        "set-up": lambda: begin_setup(actor, tenant, "kaleyra"),
    }


def _pairs(deeds: dict[str, Deed]) -> Iterator[tuple[str, str]]:
    yield from combinations_with_replacement(deeds, 2)


def test_no_two_actions_wait_for_each_other(deeds: dict[str, Deed], caplog: pytest.LogCaptureFixture) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer, who waits for nobody")
    caplog.set_level(logging.WARNING, "portal.core.db.deadlocks")
    ends: dict[Any, Any] = {}
    for one, other in _pairs(deeds):
        for _ in range(3):
            both(deeds[one], deeds[other])
        ends[one, other] = len(caplog.records)
        caplog.clear()
    assert not [pair for pair, deadlocks in ends.items() if deadlocks]
