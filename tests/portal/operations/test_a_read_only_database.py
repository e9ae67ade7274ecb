"""A PostgreSQL that answers and takes nothing, as a standby: readiness says so, and changes are refused in words."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.operations import health
from portal.tenants.models import Tenant

pytestmark = [
    pytest.mark.databases,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="runs with TEST_DATABASE=postgresql"),
]


def take_changes(*, taken: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET default_transaction_read_only = {'off' if taken else 'on'}")


@pytest.fixture(autouse=True)
def _taken_again() -> Iterator[None]:
    yield
    take_changes(taken=True)


def test_readiness_says_so(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    take_changes(taken=False)
    assert not health.database()
    assert "it is read-only" in caplog.text
    answer = client.get(reverse("operations:readyz"))
    assert (answer.status_code, json.loads(answer.content)["database"]) == (503, "not ok")
    take_changes(taken=True)
    assert health.database()


def test_pages_go_on_and_a_change_is_refused_in_words(
    client_of: Callable[[User], Client], site_administrator: User, caplog: pytest.LogCaptureFixture
) -> None:
    client = client_of(site_administrator)
    client.raise_request_exception = False
    tenant = {"name": "Acme", "ccid": "0b1a8a4e-52b4-4a4e-9d2f-4d8f6a3c7e10", "nexus_url": "https://nexus.example.com"}
    client.get(reverse("tenants:list"))
    take_changes(taken=False)
    assert client.get(reverse("tenants:list")).status_code == 200
    answer = client.post(reverse("tenants:add"), tenant | {"nexus_api_key": "a-key-of-nexus"})
    assert answer.status_code == 503
    assert "cannot reach its database" in answer.text
    assert "read-only transaction" in caplog.text
    assert not Tenant.objects.exists()
