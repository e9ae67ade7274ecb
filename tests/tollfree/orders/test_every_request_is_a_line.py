"""Nothing leaves without a line: an order and a release have lines of their own, everything else is `call.made`."""

from uuid import uuid4

import pytest

from genesys_cloud.access import Access
from genesys_cloud.client import available_tollfree, list_tollfree
from genesys_cloud.connection_test import check_connection
from portal.audit.actors import Actor, command_line
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.http_client.errors import OutboundError
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from senders.models import SenderId
from tests.support.lines import verbs_of_calls
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import go_now
from tests.tollfree.orders.test_a_number_is_given_back_once import ask, later
from tollfree.inventory.actions import ask_refresh
from tollfree.inventory.sync import refresh
from tollfree.orders.comments import change_comment

pytestmark = [pytest.mark.databases]

MADE = ["call.made"]
TOKEN, LIST = ("get a Genesys Cloud token", MADE), ("list toll-free numbers", MADE)


@pytest.mark.usefixtures("wake_ups")
def test_from_the_first_token_to_the_release_each_request_is_told(
    buyer: Actor, tenant: Tenant, ordering: Access, sandbox: Control
) -> None:
    check_connection(command_line(), tenant, ordering)
    available_tollfree(ordering, count=1, subject_id=uuid4())
    order = go_now(go_now(buying.order(buyer, tenant)))
    refresh(ask_refresh(buyer, tenant).pk)
    change_comment(buyer, order, comment="Sales")
    SenderId.objects.all().delete()
    later(ask(buyer, tenant))
    told = verbs_of_calls()
    assert told == [
        *(TOKEN, LIST, ("search toll-free numbers", MADE)),
        *(LIST, ("order", ["order.sending", "order.placed"])),
        *(("look at the order", MADE), LIST, ("change the number", MADE)),
        *(LIST, ("release the number", ["release.sending", "release.done"]), LIST),
    ]
    assert len(told) == len(sandbox.ledger())


def test_a_request_that_nobody_answered_is_told_with_the_reason(tenant: Tenant, ordering: Access) -> None:
    nowhere = Access(tenant.pk, "http://127.0.0.1:9", "http://127.0.0.1:9", ordering.client_id)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "x", binding=nowhere.binding)
    with pytest.raises(OutboundError) as failed:
        list_tollfree(nowhere, subject_id=uuid4())
    line = fields(Event.objects.get(verb="call.made"))
    assert line["reason"] == failed.value.sentence
    assert line["changes"]["address"] == [None, "POST http://127.0.0.1:9/oauth/token"]
    assert verbs_of_calls() == [TOKEN]
