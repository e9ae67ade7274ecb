import json

import pytest
from django.test import Client

from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants import actions
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from tests.portal.tenants.conftest import KNOWN_HOST
from tests.portal.tenants.pages import error_at, fields, said, soup
from tests.support.cast import API_KEY, CCID, OTHER_CCID
from tests.support.stored import stored_values


def test_the_form_shows_what_is_there(client: Client, edit_url: str) -> None:
    page = soup(client.get(edit_url))
    shown = {str(tag["name"]): tag.get("value") for tag in page.select("form[method=post] input[id]")}
    assert (shown["name"], shown["ccid"], shown["nexus_url"]) == ("Acme", str(CCID), "http://127.0.0.1:9")


def test_a_change_is_saved_with_before_and_after(client: Client, edit_url: str) -> None:
    page = said(client.post(edit_url, fields(name="Acme 2"), follow=True))
    assert "Acme 2 was saved." in page
    event = Event.objects.get(verb=Verb.TENANT_CHANGED)
    assert json.loads(bytes(event.canonical))["changes"] == {
        "name": ["Acme", "Acme 2"],
        "nexus_url": ["http://127.0.0.1:9", f"https://{KNOWN_HOST}"],
    }


def test_saving_what_is_there_writes_no_event(client: Client, edit_url: str) -> None:
    events = Event.objects.count()
    same = fields(nexus_url="http://127.0.0.1:9/", ccid=str(CCID).upper(), nexus_api_key=API_KEY)
    assert client.post(edit_url, same).status_code == 302
    assert Event.objects.count() == events


def test_an_empty_key_keeps_the_stored_one(client: Client, edit_url: str, tenant: Tenant) -> None:
    client.post(edit_url, fields(nexus_api_key="", nexus_url=tenant.nexus_url))
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY]) == {"apiKey": API_KEY}


def test_the_id_of_another_tenant_is_refused_at_its_field(
    client: Client, edit_url: str, tenant: Tenant, other_tenant: Tenant
) -> None:
    answer = client.post(edit_url, fields(ccid=OTHER_CCID, nexus_url=other_tenant.nexus_url))
    assert Tenant.TAKEN in error_at(answer, "ccid")
    tenant.refresh_from_db()
    assert tenant.ccid == CCID


def test_when_one_field_is_refused_none_is_saved(
    client: Client, edit_url: str, tenant: Tenant, other_tenant: Tenant
) -> None:
    events = Event.objects.count()
    taken = fields(name="Acme 2", ccid=OTHER_CCID, nexus_url=other_tenant.nexus_url, nexus_api_key="another")
    client.post(edit_url, taken)
    tenant.refresh_from_db()
    assert tenant.name == "Acme"
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY]) == {"apiKey": API_KEY}
    assert Event.objects.count() == events


def test_the_contact_centre_id_stays_once_services_exist_under_it(
    client: Client, edit_url: str, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = [lambda _: "Services exist under the present contact centre id."]
    monkeypatch.setattr(actions, "ccid_locks", locks)
    answer = client.post(edit_url, fields(ccid=OTHER_CCID))
    assert "Services exist under the present contact centre id." in error_at(answer, "ccid")
    tenant.refresh_from_db()
    assert tenant.ccid == CCID
    assert client.post(edit_url, fields(name="Acme 2")).status_code == 302  # the rest can still change


def test_an_archived_tenant_cannot_be_changed(client: Client, edit_url: str, tenant: Tenant) -> None:
    Tenant.objects.update(archived_at="2026-01-01T00:00:00Z")
    answer = client.post(edit_url, fields(name="Acme 2", nexus_api_key="another"))
    assert "Acme was archived, so nothing about it can be changed." in said(answer)
    tenant.refresh_from_db()
    assert tenant.name == "Acme"
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY]) == {"apiKey": API_KEY}
