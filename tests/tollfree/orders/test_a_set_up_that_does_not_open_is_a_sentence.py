from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.tenants.models import Tenant
from portal.vault.encryption import DecryptionError
from tests.tollfree.inventory.stories import NUMBER, owned
from tollfree.orders.models import NumberOrder, Release


def test_neither_an_order_nor_a_release_begins_and_the_form_says_why(
    tenant: Tenant, representative: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: Tenant) -> Access:
        raise DecryptionError("It does not open.")

    monkeypatch.setattr("genesys_cloud.access._answers", [damaged])
    client, token = client_of(representative), "6b0d8a3e-8f2a-4d0b-9c53-0a8f2f8e4f11"
    forms = {
        reverse("order_new", args=[tenant.pk]): {"number": NUMBER, "reason": "x", "form_token": token},
        reverse("release_new", args=[owned(tenant).pk]): {"typed": NUMBER, "reason": "x"},
    }
    for url, form in forms.items():
        page = client.post(url, form)
        assert (page.status_code, "It does not open." in page.content.decode()) == (200, True)
    assert not NumberOrder.objects.exists()
    assert not Release.objects.exists()
