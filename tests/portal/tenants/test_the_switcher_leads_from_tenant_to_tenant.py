"""The switcher shows a person's own tenants only, keeps the kind of page, and remembers where they were."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client

from portal.accounts.actions import grant_role
from portal.accounts.models import Membership, User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.tenants.models import Tenant
from tests.portal.tenants.pages import said, soup

ClientOf = Callable[[User], Client]


@pytest.fixture
def both(administrator: User, other_tenant: Tenant) -> User:
    """The administrator of Acme, who audits Globex too."""
    grant_role(command_line(), user=administrator, tenant_id=other_tenant.pk, role=Role.AUDITOR)
    return administrator


def choices(client: Client, url: str) -> dict[str, str]:
    """The names that the switcher shows, and where each leads."""
    links = soup(client.get(url)).select(".switcher li a:not(.switcher-all)")
    return {str(link.find(string=True)).strip(): str(link["href"]) for link in links}


def test_only_own_tenants_are_shown(client: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    assert list(choices(client, "/tenants/")) == ["Acme"]


@pytest.mark.parametrize(
    "page", ["/tenants/{}/", "/tenants/{}/services/", "/tenants/{}/senders/", "/history/?tenant={}"]
)
def test_it_leads_to_the_same_kind_of_page(
    client_of: ClientOf, both: User, tenant: Tenant, other_tenant: Tenant, page: str
) -> None:
    client = client_of(both)
    there = choices(client, page.format(tenant.pk))["Globex"]
    assert there == page.format(other_tenant.pk)
    assert client.get(there).status_code == 200


def test_from_a_page_that_the_other_tenant_may_not_offer_it_leads_to_the_tenant(
    client_of: ClientOf, both: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    links = choices(client_of(both), f"/tenants/{tenant.pk}/edit/")
    assert links["Globex"] == f"/tenants/{other_tenant.pk}/"


def test_the_last_tenant_is_remembered_while_it_is_the_persons(
    client_of: ClientOf, both: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    client = client_of(both)
    client.get(f"/tenants/{other_tenant.pk}/")
    assert client.get("/")["Location"] == f"/tenants/{other_tenant.pk}/"
    Membership.objects.filter(user=both, tenant=other_tenant).delete()
    assert client.get("/")["Location"] == "/tenants/"


def test_of_500_the_last_ones_come_first_and_the_others_are_searched(site_client: Client) -> None:
    many = [Tenant(name=f"T{n:03}", ccid=UUID(int=n + 1), nexus_url="https://x.example") for n in range(500)]
    Tenant.objects.bulk_create(many)
    assert list(choices(site_client, "/tenants/")) == [f"T{n:03}" for n in range(8)]
    site_client.get(f"/tenants/{many[321].pk}/")
    assert list(choices(site_client, "/tenants/")) == ["T321", *(f"T{n:03}" for n in range(7))]
    assert soup(site_client.get("/tenants/")).select_one(".switcher form[action='/tenants/'] input[name=q]")
    for wanted in ("t321", str(many[321].ccid)):
        names = [tag.text for tag in soup(site_client.get("/tenants/", {"q": wanted})).select("main td .name")]
        assert names == ["T321"]


def test_a_search_finds_nothing_of_somebody_else(client: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    for wanted in ("Globex", str(other_tenant.ccid), "Nobody"):
        assert "Nothing found" in said(client.get("/tenants/", {"q": wanted}))
