"""A client's secret and its tokens stay with their client and its addresses, whatever becomes of newer clients."""

from dataclasses import replace

import pytest
from django.utils import timezone

from genesys_cloud import access as accesses
from genesys_cloud.access import Access
from genesys_cloud.client import list_tollfree
from genesys_cloud.tokens import forget_token, new_token, token_for
from portal.accounts.models import User
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.http_client.errors import OutboundError
from portal.tenants.models import Tenant
from portal.vault.actions import CredentialElsewhere, store_credential
from portal.vault.kinds import Kind
from senders.models import SenderId
from tests.tollfree.inventory.stories import refreshed
from tests.tollfree.orders.buying import NUMBER, fresh, go_now
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.comments import change_comment
from tollfree.orders.models import NumberOrder, OrderGroup, Release
from tollfree.orders.releases.actions import ask_release
from tollfree.orders.worker import dispatch

ADDRESSES = ["login_url", "api_url"]


def moved(access: Access, field: str, sandbox: Control, elsewhere: Control) -> Access:
    """The same client, with one of its addresses at the other sandbox."""
    there = {field: str(getattr(access, field)).replace(sandbox.url, elsewhere.url)}
    return Access(
        access.tenant_id,
        **({"login_url": access.login_url, "api_url": access.api_url} | there),
        client_id=access.client_id,
    )


def rotated(access: Access, sandbox: Control, monkeypatch: pytest.MonkeyPatch) -> Access:
    """A new OAuth client takes the place of the old one, and the old one's tokens are used up."""
    made = sandbox.genesys_cloud.create_client()
    new = replace(access, client_id=made["client_id"])
    store_credential(command_line(), access.tenant_id, Kind.CLIENT_SECRET, made["secret"], binding=new.binding)
    monkeypatch.setattr(accesses, "_answers", [lambda tenant: new if tenant.pk == new.tenant_id else None])
    forget_token(access)
    return new


@pytest.mark.parametrize("field", ADDRESSES)
def test_neither_secret_nor_token_goes_to_another_address(
    access: Access, sandbox: Control, second_sandbox: Control, field: str
) -> None:
    token_for(access)  # one that is good for a day lies there
    elsewhere = moved(access, field, sandbox, second_sandbox)
    for ask in (token_for, new_token):
        with pytest.raises(CredentialElsewhere, match=f"is not sent to {second_sandbox.url}"):
            ask(elsewhere)
    assert second_sandbox.ledger() == []


def test_another_path_of_the_same_address_asks_for_nothing(access: Access) -> None:
    assert token_for(replace(access, api_url=f"{access.api_url}/v2")).value


@pytest.mark.parametrize("field", ADDRESSES)
def test_the_worker_of_orders_takes_no_secret_to_another_address(
    queued: NumberOrder, access: Access, sandbox: Control, second_sandbox: Control, field: str
) -> None:
    token_for(access)
    there = getattr(moved(access, field, sandbox, second_sandbox), field)
    OrderGroup.objects.update(**{field: there})  # whoever can write to the database
    order = go_now(fresh(queued))
    assert order.state == "refused"
    assert f"is not sent to {second_sandbox.url}. Enter it again. Nothing was sent." in order.sentence
    assert second_sandbox.ledger() == []


def test_an_older_clients_numbers_are_commented_and_released_after_a_new_client_came(  # noqa: PLR0917 - the parts
    buyer: Actor, tenant: Tenant, queued: NumberOrder, access: Access, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = go_now(go_now(queued))
    assert done.state == "completed"
    rotated(access, sandbox, monkeypatch)
    assert change_comment(buyer, done, comment="Sales").comment == "Sales"
    SenderId.objects.all().delete()
    release = ask_release(buyer, tenant, NUMBER, typed=NUMBER, reason="closed")
    Release.objects.filter(pk=release.pk).update(due_at=timezone.now())
    dispatch.go_release(release.pk)
    release.refresh_from_db()
    assert release.state == "released"


def test_an_older_clients_order_is_watched_to_its_end_after_a_new_client_came(
    queued: NumberOrder, access: Access, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed = go_now(queued)
    assert placed.state == "placed"
    rotated(access, sandbox, monkeypatch)
    assert go_now(placed).state == "completed"


def test_a_number_that_is_gone_is_noticed_after_a_new_client_came(  # noqa: PLR0917 - the parts that take part
    tenant: Tenant,
    access: Access,
    queued: NumberOrder,
    sandbox: Control,
    representative: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_now(go_now(queued))
    sandbox.genesys_cloud.settings(list_scope="organization")
    refreshed(representative, tenant)
    new = rotated(access, sandbox, monkeypatch)
    refreshed(representative, tenant)
    owned = OwnedNumber.objects.get(number=NUMBER)
    assert (owned.client_id, owned.gone_since) == (new.client_id, None)
    sandbox.genesys_cloud.lose_number(NUMBER)
    refreshed(representative, tenant)
    owned.refresh_from_db()
    assert owned.gone_since is not None


def test_a_draft_tries_its_client_with_a_token_of_its_own(access: Access, sandbox: Control) -> None:
    live = token_for(access)
    store_credential(
        command_line(), access.tenant_id, Kind.CLIENT_SECRET, "wrong", binding=access.binding, draft="a draft"
    )
    tried = replace(access, draft="a draft")
    with pytest.raises(OutboundError):
        new_token(tried)
    assert token_for(access) == live
    assert list_tollfree(access, subject_id=live.row_id) == []
