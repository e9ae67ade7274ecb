from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import VIEW
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from tests.support import sweeping
from tests.tollfree.inventory.stories import NUMBER, OTHER, an_order, owned, refreshed, told
from tests.tollfree.sent import LIST, statuses
from tollfree.inventory.actions import ask_refresh
from tollfree.inventory.models import InventoryRefresh, OwnedNumber
from tollfree.inventory.orphans import orphans_of
from tollfree.inventory.sync import KIND, ask_for_all, refresh
from tollfree.orders.states import OrderState


def oddities(tenant: Tenant) -> dict[str, str]:
    return {orphan.owned.number: orphan.sentence for orphan in orphans_of(tenant)}


def test_what_is_listed_is_kept_with_all_that_is_told_of_it(
    set_up: Access, sandbox: Control, representative: User, tenant: Tenant
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    row = refreshed(representative, tenant)
    kept = OwnedNumber.objects.get()
    assert (kept.number, kept.comment, kept.status, kept.client_id) == (NUMBER, "Hotline", "ACTIVE", set_up.client_id)
    assert kept.more["selfUri"].endswith(NUMBER)
    assert kept.first_seen_at == kept.last_seen_at
    assert (row.ok, row.is_live) == (True, False)
    assert row.sentence == "Genesys Cloud lists 1 number, 1 new here."
    assert Call.objects.filter(subject_id=row.pk, tenant_id=tenant.pk).count() == 2
    assert told(tenant) == ["number.refresh_asked", "number.found"]


@pytest.mark.databases
def test_changes_and_comings_and_goings_are_told_once(
    set_up: Access, sandbox: Control, representative: User, tenant: Tenant
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER, comment="Hotline")
    refreshed(representative, tenant)
    first = OwnedNumber.objects.get()
    sandbox.genesys_cloud.put_number(NUMBER, comment="Support")
    refreshed(representative, tenant)
    sandbox.genesys_cloud.lose_number(NUMBER)
    assert refreshed(representative, tenant).sentence == "Genesys Cloud lists 0 numbers, 1 not listed any more."
    refreshed(representative, tenant)
    gone = OwnedNumber.objects.get()
    assert (gone.comment, gone.first_seen_at) == ("Support", first.first_seen_at)
    assert gone.gone_since is not None
    assert "does not list it any more" in oddities(tenant)[NUMBER]
    sandbox.genesys_cloud.put_number(NUMBER, comment="Support")
    refreshed(representative, tenant)
    assert OwnedNumber.objects.get().gone_since is None
    news = [verb for verb in told(tenant) if verb != "number.refresh_asked"]
    assert news == ["number.found", "number.changed", "number.gone", "number.back"]


def test_orphans_are_of_both_sides(set_up: Access, sandbox: Control, representative: User, tenant: Tenant) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    sandbox.genesys_cloud.put_number("18445550001")
    an_order(set_up, "18445550001", OrderState.PLACED)
    owned(tenant, OTHER, login_url=set_up.login_url, client_id=set_up.client_id)
    owned(tenant, "18885550100", client_id="another client")
    two_hours_ago = timezone.now() - timedelta(hours=2)
    owned(tenant, "18885550101", last_seen_at=None, first_seen_at=two_hours_ago)
    owned(tenant, "18885550103", last_seen_at=None)  # the list may lag behind an order
    owned(tenant, "18885550102", gone_since=timezone.now(), released_at=timezone.now())
    refreshed(representative, tenant)
    assert oddities(tenant) == {
        NUMBER: "Genesys Cloud has it, and it was not ordered here.",
        OTHER: "Genesys Cloud does not list it any more, and nobody released it here.",
        "18885550100": "Genesys Cloud has it, and it was not ordered here.",  # another client's list showed it
        "18885550101": "It was ordered here, and Genesys Cloud has not listed it yet.",
    }
    assert OwnedNumber.objects.get(number="18885550100").gone_since is None  # this client's silence says nothing
    assert OwnedNumber.objects.get(number="18445550001").order is not None


def test_a_failure_is_a_sentence_and_what_was_known_stays(
    set_up: Access, sandbox: Control, representative: User, tenant: Tenant
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    refreshed(representative, tenant)
    before = OwnedNumber.objects.values().get()
    good_at = InventoryRefresh.objects.get().good_at
    for name in ("server_error", "truncated_json", "json_array", "reset", "html_200"):
        sandbox.fault(name, match={"path_contains": "tollfreenumbers"}, times=1)
        row = refreshed(representative, tenant)
        assert row.ok is False, name
        assert row.sentence.endswith("What was known before is kept."), name
    sandbox.genesys_cloud.revoke(VIEW)
    assert f"it lacks {VIEW}" in refreshed(representative, tenant).sentence
    sandbox.genesys_cloud.delete_client()
    assert "What was known before is kept." in refreshed(representative, tenant).sentence
    assert OwnedNumber.objects.values().get() == before
    assert InventoryRefresh.objects.get().good_at == good_at


@pytest.mark.databases
def test_two_clicks_and_two_messages_are_one_refresh(
    set_up: Access, sandbox: Control, representative: User, tenant: Tenant
) -> None:
    first, second = (ask_refresh(person(representative), tenant) for _ in range(2))
    assert first == second
    InventoryRefresh.objects.update(lease_until=timezone.now() + timedelta(minutes=1))
    refresh(first.pk)
    assert statuses(sandbox, LIST) == []  # another worker has it
    InventoryRefresh.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    refresh(first.pk)
    refresh(first.pk)
    assert statuses(sandbox, LIST) == [200]
    assert told(tenant) == ["number.refresh_asked"]


def test_a_worker_that_lost_its_lease_writes_nothing(
    set_up: Access, sandbox: Control, representative: User, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    row = ask_refresh(person(representative), tenant)

    def overtaken(*_: object) -> list[TollfreeNumber]:
        InventoryRefresh.objects.update(lease_until=timezone.now() + timedelta(hours=1))
        return [TollfreeNumber(NUMBER, "ACTIVE", "", "")]

    monkeypatch.setattr("tollfree.inventory.sync._ask", overtaken)
    refresh(row.pk)
    row.refresh_from_db()
    assert row.is_live
    assert not OwnedNumber.objects.exists()


def test_who_lost_the_role_in_between_gets_no_list(
    set_up: Access, sandbox: Control, representative: User, tenant: Tenant
) -> None:
    row = ask_refresh(person(representative), tenant)
    Membership.objects.filter(user=representative).delete()
    refresh(row.pk)
    row.refresh_from_db()
    assert row.sentence.startswith("You may not manage its numbers.")
    assert statuses(sandbox, LIST) == []


def test_only_representatives_ask_and_only_where_there_is_a_client(
    access: Access, representative: User, administrator: User, tenant: Tenant
) -> None:
    with pytest.raises(PermissionDenied):
        ask_refresh(person(administrator), tenant)
    with pytest.raises(ValidationError, match="is not set up for this tenant"):
        ask_refresh(person(representative), tenant)


def sweep() -> int:
    return ask_for_all() + sweeping.sweep(KIND)


@pytest.mark.databases
def test_the_schedule_asks_for_every_tenant_with_a_client_and_repeats_what_was_lost(
    set_up: Access, sandbox: Control, other_tenant: Tenant, tenant: Tenant
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    assert sweep() == 1
    row = InventoryRefresh.objects.get()
    assert row.tenant == tenant
    assert sweep() == 0  # it was published a moment ago
    InventoryRefresh.objects.update(published_at=timezone.now() - timedelta(minutes=5))
    assert sweep() == 1
    refresh(row.pk)
    assert OwnedNumber.objects.get().number == NUMBER
    assert told(tenant) == ["number.found"]  # what happens by itself every hour is no event
    assert sweep() == 0  # not its turn yet
    InventoryRefresh.objects.update(finished_at=timezone.now() - timedelta(hours=2))
    assert sweep() == 1
