from collections.abc import Callable
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portal.accounts.models import User
from portal.tenants.models import Tenant
from tests.portal.tenants.pages import fields, said
from tests.support.cast import new_person

ClientOf = Callable[[User], Client]


@pytest.fixture(params=["auditor", "representative"])
def reader(request: pytest.FixtureRequest, client_of: ClientOf) -> Client:
    """The browser of each role that may read only."""
    return client_of(request.getfixturevalue(request.param))


def links(client: Client, url: str) -> set[str]:
    """Where the buttons and links of a page lead."""
    page = BeautifulSoup(client.get(url).content, "html.parser")
    return {str(tag.get("href") or tag.get("action") or "") for tag in page.select("main a, main form")}


@pytest.mark.parametrize("page", ["edit/", "archive/"])
def test_readers_get_403_on_the_pages_of_a_change(reader: Client, tenant: Tenant, page: str) -> None:
    url = f"/tenants/{tenant.pk}/{page}"
    assert reader.get(url).status_code == 403
    assert reader.post(url, fields(name="Evil")).status_code == 403
    tenant.refresh_from_db()
    assert (tenant.name, tenant.archived_at) == ("Acme", None)


def test_readers_may_not_add_a_tenant(reader: Client, tenant: Tenant) -> None:
    assert reader.get("/tenants/add/").status_code == 403
    assert reader.post("/tenants/add/", fields(ccid=uuid4())).status_code == 403
    assert Tenant.objects.count() == 1


def test_readers_are_offered_no_change(reader: Client, tenant: Tenant) -> None:
    home = f"/tenants/{tenant.pk}/"
    offered = links(reader, home) | links(reader, "/tenants/")
    assert home in offered
    assert not {link for link in offered if link.endswith(("/edit/", "/archive/", "/add/", "/set-up/"))}


def test_administrators_are_offered_what_they_may(client: Client, tenant: Tenant) -> None:
    offered = links(client, f"/tenants/{tenant.pk}/") | links(client, "/tenants/")
    assert f"/tenants/{tenant.pk}/edit/" in offered
    assert f"/tenants/{tenant.pk}/archive/" not in offered
    assert "/tenants/add/" not in offered


def test_site_administrators_are_offered_what_they_may(site_client: Client, tenant: Tenant) -> None:
    offered = links(site_client, f"/tenants/{tenant.pk}/") | links(site_client, "/tenants/")
    assert f"/tenants/{tenant.pk}/archive/" in offered
    assert "/tenants/add/" in offered
    assert f"/tenants/{tenant.pk}/edit/" not in offered


@pytest.mark.parametrize("page", ["", "edit/", "archive/", "set-up/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_outsider_sees_what_an_id_that_does_not_exist_shows(
    client_of: ClientOf, outsider: User, tenant: Tenant, page: str, method: str
) -> None:
    client = client_of(outsider)
    theirs = getattr(client, method)(f"/tenants/{tenant.pk}/{page}")
    missing_id = uuid4()
    nobodys = getattr(client, method)(f"/tenants/{missing_id}/{page}")
    assert (
        theirs.status_code
        == nobodys.status_code
        == (405 if (page, method) in {("", "post"), ("set-up/", "post")} else 404)
    )
    assert "Acme" not in theirs.content.decode()
    assert without_ids(theirs.content, tenant.pk) == without_ids(nobodys.content, missing_id)


def without_ids(content: bytes, tenant_id: object) -> str:
    """The page without what differs from request to request."""
    page = BeautifulSoup(content.decode().replace(str(tenant_id), "ID"), "html.parser")
    for script in page.select("[nonce]"):
        del script["nonce"]
    for tag in page.select(".request-id, [data-request-id], code"):
        tag.decompose()
    for tag in page.select("input[name=csrfmiddlewaretoken]"):
        tag.decompose()
    return page.prettify()


def test_a_list_holds_the_persons_tenants_only(client: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    page = said(client.get("/tenants/"))
    assert "Acme" in page
    assert "Globex" not in page


def test_a_site_administrators_list_holds_all(site_client: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    page = said(site_client.get("/tenants/"))
    assert "Acme" in page
    assert "Globex" in page


def test_who_has_no_tenant_is_told_whom_to_ask(client_of: ClientOf, auditor: User) -> None:
    auditor.memberships.all().delete()
    assert "Ask a site administrator" in said(client_of(auditor).get("/tenants/"))


def test_a_form_without_its_token_is_refused(administrator: User, tenant: Tenant) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(administrator)
    assert client.post(f"/tenants/{tenant.pk}/edit/", fields(name="Evil")).status_code == 403
    tenant.refresh_from_db()
    assert tenant.name == "Acme"


def test_a_person_without_a_role_is_not_said_to_audit(client_of: ClientOf, db: None) -> None:
    page = client_of(new_person("nobody")).get("/tenants/").text
    assert "You are a member of no tenant." in page
    assert "that you audit" not in page
