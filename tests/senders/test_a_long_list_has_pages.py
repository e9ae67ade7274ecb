from typing import Any

from django.test import Client
from django.urls import reverse

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.actions import SenderFacts, add_senders
from tests.senders.senders import page

QUERIES = 16


def many(actor: Actor, tenant: Tenant, how_many: int) -> None:
    add_senders(actor, tenant.pk, [SenderFacts(f"1650466{number}") for number in range(1_000, 1_000 + how_many)])


def test_fifty_stand_on_one_page(client: Client, actor: Actor, tenant: Tenant) -> None:
    many(actor, tenant, 51)
    text = page(client, "list", tenant.pk)
    assert text.count('class="name num"') == 50
    assert "older=" in text


def test_its_queries_do_not_grow_with_it(
    client: Client, actor: Actor, tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    many(actor, tenant, 60)
    url = reverse("senders:list", args=[tenant.pk])
    client.get(url)  # the first look at a tenant is remembered in the session
    with django_assert_max_num_queries(QUERIES) as captured:
        client.get(url)
    assert len(captured) >= 5
