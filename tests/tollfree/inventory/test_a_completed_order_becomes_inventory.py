import pytest

from genesys_cloud.access import Access
from portal.tenants.models import Tenant
from senders.models import SenderId, SenderState
from tests.tollfree.inventory.stories import NUMBER, an_order, owned, told
from tollfree.inventory import order_hooks
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.models import NumberOrder, Release


@pytest.mark.databases
def test_number_and_sender_id_come_together(access: Access, tenant: Tenant) -> None:
    order = an_order(access)
    kept = order_hooks.take_in(order)
    assert (kept.number, kept.order, kept.comment, kept.email) == (NUMBER, order, "Hotline", "ada@example.com")
    assert (kept.client_id, kept.last_seen_at) == (access.client_id, None)
    draft = SenderId.objects.get()
    assert (draft.tenant, draft.number, draft.state, draft.provider) == (tenant, NUMBER, SenderState.DRAFT, "Portico")
    assert told(tenant) == ["number.taken_in"]


def test_again_it_changes_nothing(access: Access, tenant: Tenant) -> None:
    order = an_order(access)
    first = order_hooks.take_in(order)
    assert order_hooks.take_in(order) == first
    assert (OwnedNumber.objects.count(), SenderId.objects.count()) == (1, 1)
    assert told(tenant) == ["number.taken_in"]


def test_one_that_the_list_showed_first_keeps_what_is_known(access: Access, tenant: Tenant) -> None:
    seen = owned(tenant, comment="Support", verification="verified")
    kept = order_hooks.take_in(an_order(access))
    assert kept.pk == seen.pk
    assert (kept.comment, kept.verification, kept.last_seen_at) == ("Support", "verified", seen.last_seen_at)


def test_without_a_sender_id_there_is_no_number_either(access: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    order = an_order(access)
    monkeypatch.setattr(order_hooks, "draft_sender", fail)
    with pytest.raises(RuntimeError):
        order_hooks.take_in(order)
    assert not OwnedNumber.objects.exists()


def test_one_that_was_given_back_stays_with_its_history(access: Access, tenant: Tenant) -> None:
    order = an_order(access)
    order_hooks.take_in(order)
    release = Release(tenant=tenant, number=NUMBER)
    order_hooks.give_up(release)
    order_hooks.give_up(release)
    assert OwnedNumber.objects.get().released_at is not None
    assert told(tenant) == ["number.taken_in", "number.given_up"]
    NumberOrder.objects.update(state="released")
    bought_again = an_order(access)
    assert order_hooks.take_in(bought_again).released_at is None
