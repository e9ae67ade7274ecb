"""Step-up: what costs money or gives a number away asks for the password again, when that was given a while ago."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.tenants.models import Tenant
from tests.tollfree.inventory.stories import owned
from tests.tollfree.orders.buying import NUMBER, OTHER
from tollfree.orders.models import NumberOrder, OrderGroup, Release

pytestmark = pytest.mark.usefixtures("ordering", "wake_ups")


@pytest.fixture
def desk(representative: User, client_of: Callable[[User], Client]) -> Client:
    """The browser of a representative who signed in a while ago."""
    client = client_of(representative)
    client.get("/")
    Session.objects.update(proven_at=timezone.now() - timedelta(seconds=601))
    return client


def asked(path: str) -> str:
    return f"{reverse('account_reauthenticate')}?next={quote(path, safe='')}"


def test_a_draft_is_made_and_its_order_waits_for_the_proof(desk: Client, tenant: Tenant) -> None:
    form = {"form_token": str(uuid4()), "reason": "Support", "comment": "", "email": "", "number": [NUMBER]}
    desk.post(reverse("order_new", args=[tenant.pk]), form)
    group = OrderGroup.objects.get()
    answer = desk.post(reverse("order_confirm", args=[group.pk]), {"accept_unknown_cost": "on"})
    assert answer.headers["Location"] == asked(reverse("order_group", args=[group.pk]))
    assert NumberOrder.objects.get().state == "draft"


def test_a_release_is_not_asked_for_before_the_proof(desk: Client, tenant: Tenant) -> None:
    path = reverse("release_new", args=[owned(tenant, OTHER).pk])
    for answer in (desk.get(path), desk.post(path, {"typed": OTHER, "reason": "Over"})):
        assert answer.headers["Location"] == asked(path)
    assert not Release.objects.exists()
