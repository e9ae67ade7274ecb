"""The lint names a toll-free sender ID that Genesys Cloud does not list for the tenant."""

import pytest
from django.utils import timezone

from genesys_cloud.models import ConnectionTest
from portal.tenants.models import Tenant
from senders.checks import findings
from senders.models import SenderId
from tests.tollfree.inventory.stories import owned

pytestmark = pytest.mark.django_db
SENTENCE = "Genesys Cloud does not list this toll-free number among those of the organisation."


def sentences(tenant: Tenant, number: str) -> list[str]:
    SenderId.objects.create(tenant=tenant, number=number, provider="Portico", section="Main", endpoint="Main")
    return [found.sentence for found in findings(tenant)]


def ask(tenant: Tenant, numbers: list[str], *, ok: bool = True) -> None:
    ConnectionTest.objects.create(
        tenant=tenant,
        login_url="https://login.example",
        api_url="https://api.example",
        client_id="4da40a9d-b113-4024-8ba9-c9dd89c91f67",
        at=timezone.now(),
        by_label="ada@example.com",
        ok=ok,
        numbers=numbers,
    )


@pytest.mark.parametrize("numbers", [[], ["18445550000"]])
def test_one_that_is_not_listed_is_named(tenant: Tenant, numbers: list[str]) -> None:
    ask(tenant, numbers)
    assert SENTENCE in sentences(tenant, "18445551212")


@pytest.mark.parametrize("number", ["18445551212", "8445551212"])
def test_one_that_is_listed_is_right(tenant: Tenant, number: str) -> None:
    ask(tenant, ["18445551212"])
    assert sentences(tenant, number) == []


def test_other_numbers_are_not_looked_for(tenant: Tenant) -> None:
    ask(tenant, [])
    assert sentences(tenant, "16504661149") == []


def test_nothing_is_said_while_nobody_asked(tenant: Tenant) -> None:
    ask(tenant, [], ok=False)
    assert sentences(tenant, "18445551212") == []


def test_a_number_of_the_inventory_is_right_also_if_no_test_saw_it(tenant: Tenant) -> None:
    ask(tenant, [])
    owned(tenant, "18445551212")
    assert sentences(tenant, "18445551212") == []


def test_a_number_that_the_inventory_lost_is_named(tenant: Tenant) -> None:
    owned(tenant, "18335550100")
    owned(tenant, "18445551212", gone_since=timezone.now())
    assert SENTENCE in sentences(tenant, "18445551212")
