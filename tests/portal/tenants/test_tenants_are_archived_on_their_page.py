import json

import pytest
from django.test import Client

from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants import actions
from portal.tenants.models import Tenant
from tests.portal.tenants.pages import said


def test_asking_changes_nothing(site_client: Client, archive_url: str) -> None:
    page = said(site_client.get(archive_url))
    assert "Acme leaves the list" in page
    assert Tenant.objects.get().archived_at is None


def test_an_archived_tenant_leaves_the_list_and_keeps_its_history(site_client: Client, archive_url: str) -> None:
    page = said(site_client.post(archive_url, {"reason": "merged"}, follow=True))
    assert "Acme was archived. Its history stays." in page
    assert "No tenants yet" in page
    assert "Acme" in said(site_client.get("/tenants/?archived=1"))
    body = json.loads(bytes(Event.objects.get(verb=Verb.TENANT_ARCHIVED).canonical))
    assert (body["reason"], body["changes"]) == ("merged", {"archived": [False, True]})


def test_archiving_twice_changes_nothing(site_client: Client, archive_url: str) -> None:
    site_client.post(archive_url)
    first = Tenant.objects.get().archived_at
    site_client.post(archive_url)
    assert Tenant.objects.get().archived_at == first
    assert Event.objects.filter(verb=Verb.TENANT_ARCHIVED).count() == 1


def test_a_reason_as_long_as_a_book_is_refused_and_not_cut(site_client: Client, archive_url: str) -> None:
    page = site_client.post(archive_url, {"reason": "é" * 5000}).content.decode()
    assert "A reason has at most 500 characters; this has 5,000." in page
    assert "é" * 5000 in page
    assert Tenant.objects.get().archived_at is None
    site_client.post(archive_url, {"reason": "é" * 500})
    body = json.loads(bytes(Event.objects.get(verb=Verb.TENANT_ARCHIVED).canonical))
    assert body["reason"] == "é" * 500


def test_a_running_set_up_keeps_a_tenant_from_being_archived(
    site_client: Client, archive_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "archive_locks", [lambda _: "A set-up of this tenant is running."])
    assert "A set-up of this tenant is running." in said(site_client.post(archive_url))
    assert Tenant.objects.get().archived_at is None


def test_an_archived_tenants_page_offers_no_change(site_client: Client, client: Client, archive_url: str) -> None:
    site_client.post(archive_url)
    page = client.get(archive_url.removesuffix("archive/")).content.decode()
    for action in ("edit/", "archive/", "set-up/"):
        assert f'href="{archive_url.removesuffix("archive/")}{action}"' not in page
