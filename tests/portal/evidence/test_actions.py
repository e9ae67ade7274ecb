"""Two clicks are one pack."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.evidence import pack_builder
from portal.evidence.actions import ask_pack
from portal.evidence.models import Pack, PackState
from portal.evidence.selection import Period
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.provisioning.kaleyra import verbs
from tests.support.cast import new_member
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


def test_two_clicks_at_the_same_moment_are_one_pack(actor: Actor, tenant: Tenant, published: list[str]) -> None:
    packs = at_once([lambda: ask_pack(actor, [str(tenant.pk)], Period())] * 4)
    assert len({pack.pk for pack in packs}) == 1
    assert Pack.objects.count() == 1
    assert published == [str(packs[0].pk)]
    assert verbs(tenant).count("evidence.asked") == 1


def test_two_tabs_lead_to_the_same_pack(client_of: Callable[[User], Client], auditor: User, tenant: Tenant) -> None:
    first = client_of(auditor)
    tabs: list[Any] = [first, second_tab(first)]
    data = {"tenants": [str(tenant.pk)]}
    answers = at_once([lambda tab=tab: tab.post("/history/evidence/packs/new/", data) for tab in tabs])  # type: ignore[misc]  # its own default
    assert len({answer["Location"] for answer in answers}) == 1


def test_somebody_else_and_another_period_are_another_pack(actor: Actor, tenant: Tenant) -> None:
    chains, now = [str(tenant.pk)], timezone.now()
    other = person(new_member("colleague", tenant, Role.AUDITOR))
    packs = [
        ask_pack(actor, chains, Period()),
        ask_pack(other, chains, Period()),
        ask_pack(actor, chains, Period(now - timedelta(days=1), now)),
    ]
    assert len({pack.pk for pack in packs}) == 3


def test_when_it_is_made_another_can_be_asked_for(actor: Actor, tenant: Tenant) -> None:
    first = ask_pack(actor, [str(tenant.pk)], Period())
    Pack.objects.update(state=PackState.DONE)
    assert ask_pack(actor, [str(tenant.pk)], Period()) != first


def test_a_pack_that_stumbles_again_and_again_ends_in_words(
    actor: Actor, tenant: Tenant, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("something unforeseen")

    pack = ask_pack(actor, [str(tenant.pk)], Period())
    monkeypatch.setattr(pack_builder, "write_file", broken)
    tries = 0
    while pack.is_live and tries < 20:
        long_ago = timezone.now() - timedelta(hours=1)
        Pack.objects.update(asked_at=long_ago)
        Pack.objects.filter(lease_until__isnull=False).update(lease_until=long_ago)
        published.clear()
        sweep(pack_builder.KIND)
        pack.refresh_from_db()
        if str(pack.pk) in published:
            tries += 1
            pack_builder.make_pack(pack.pk)
    assert (pack.state, tries) == (PackState.FAILED, pack_builder.KIND.most_tries)
    assert pack.problem.startswith("Something unforeseen went wrong (RuntimeError), try 5 of 5.")
    assert verbs(tenant)[-1] == "work.given_up"
