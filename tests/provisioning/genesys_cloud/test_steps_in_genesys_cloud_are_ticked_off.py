from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.tenants.models import Tenant
from provisioning.models import Tick
from provisioning.options.genesys_cloud.checklist import CHAPTERS, ORGANISATION, label_of, lines_of
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import Visitor, last_event, verbs
from tests.support.cast import new_member

KEY = "genesys_cloud.client.4"
SignIn = Callable[[User], Client]


def tick(client: Client, tenant: Tenant, key: str = KEY, **more: str) -> HttpResponse:
    """Press a line's button."""
    url = reverse("genesys_cloud_tick", args=[tenant.pk])
    return client.post(url, {"key": key, **more})  # type: ignore[return-value]  # the test client's answer is one


def test_it_has_the_guides_steps_in_its_order() -> None:
    assert [(chapter.key, len(chapter.tasks)) for chapter in CHAPTERS] == [("role", 5), ("user", 5), ("client", 6)]
    assert len(ORGANISATION.tasks) == 3
    assert label_of("genesys_cloud.client.3") == "Click Add Client."


def test_the_page_shows_who_ticked_what_and_when(visitor: Visitor, tenant: Tenant) -> None:
    tick(visitor.client, tenant)
    row = Tick.objects.get()
    page = visitor.see("checklist").content.decode()
    line = page[page.index(f'id="{KEY}"') :]
    line = line[: line.index("</li>")]
    assert "administrator@example.com" in line
    assert row.at.strftime("%Y-%m-%dT%H:%M") in line
    assert "Take back" in line


def test_it_returns_to_the_line(visitor: Visitor, tenant: Tenant) -> None:
    page = visitor.url("checklist")
    assert tick(visitor.client, tenant, next=page)["Location"] == f"{page}#{KEY}"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_it_returns_to_no_other_site(visitor: Visitor, tenant: Tenant, place: str) -> None:
    assert tick(visitor.client, tenant, next=place)["Location"] == f"/tenants/{tenant.pk}/#{KEY}"


def test_the_history_keeps_tick_and_untick(visitor: Visitor, tenant: Tenant) -> None:
    tick(visitor.client, tenant)
    tick(visitor.client, tenant)
    tick(visitor.client, tenant, untick="1")
    assert verbs(tenant)[-2:] == ["checklist.ticked", "checklist.unticked"]
    assert "Client Credentials" in last_event(tenant)
    assert not Tick.objects.exists()


def test_a_line_that_is_not_there_is_not_found(visitor: Visitor, tenant: Tenant) -> None:
    assert tick(visitor.client, tenant, "genesys_cloud.role.99").status_code == 404
    assert not Tick.objects.exists()


def test_lines_lead_to_the_organisations_own_pages(visitor: Visitor) -> None:
    visitor.save("organisation", cloud.organisation("") | {"region": "eu-west-1", "gcLoginURL": "", "gcAPIURL": ""})
    page = visitor.see("checklist").content.decode()
    for path in ("integrations/oauth", "people-permissions/roles", "directory"):
        assert f'href="https://apps.mypurecloud.ie/directory/#/admin/{path}"' in page
    assert 'rel="noopener noreferrer"' in page


def test_hosts_that_do_not_tell_have_no_links() -> None:
    assert {line.url for chapter in CHAPTERS for line in lines_of(chapter, {}, "http://127.0.0.1:8080")} == {""}


def test_step_0_is_ticked_off_or_sent_as_a_request(visitor: Visitor, tenant: Tenant) -> None:
    page = visitor.see("organisation").content.decode()
    assert 'id="genesys_cloud.organisation.3"' in page
    assert "Genesys SMS Aggregation was added" in page
    ask = f"{reverse('tollfree:ask', args=[tenant.pk])}?kind=organisation"
    assert ask in page
    visitor.client.post(ask, {"kind": "organisation", "note": ""})
    page = visitor.see("organisation").content.decode()
    assert ask not in page
    assert 'data-state="open"' in page


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REPRESENTATIVE])
def test_others_of_the_tenant_tick_nothing(tenant: Tenant, client_of: SignIn, role: Role) -> None:
    assert tick(client_of(new_member("other", tenant, role)), tenant).status_code == 403
    assert not Tick.objects.exists()


def test_an_outsider_finds_nothing(tenant: Tenant, outsider: User, client_of: SignIn) -> None:
    assert tick(client_of(outsider), tenant).status_code == 404
