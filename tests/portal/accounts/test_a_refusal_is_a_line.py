from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts import refusals
from portal.accounts.models import User
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant


def test_what_a_person_may_not_do_is_written_once_however_often_they_try(
    client_of: Callable[[User], Client], auditor: User, tenant: Tenant
) -> None:
    client = client_of(auditor)
    for _ in range(3):
        assert client.post(f"/tenants/{tenant.pk}/edit/", {}).status_code == 403
    assert client.post("/tenants/add/", {}).status_code == 403
    lines = Event.objects.filter(verb=Verb.REFUSED).order_by("id")
    assert [(line.chain, line.target_id) for line in lines] == [
        (str(tenant.pk), "change_tenant"),
        ("site", "add_tenant"),
    ]
    assert fields(lines[0])["target"]["label"] == "change this tenant"
    assert lines[0].actor_id == auditor.pk
    assert lines[0].request_id


def test_who_hammers_at_every_door_fills_no_chain(
    client_of: Callable[[User], Client], auditor: User, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(auditor)
    monkeypatch.setattr(refusals, "MOST_LINES", 1)
    for url in (f"/tenants/{tenant.pk}/edit/", "/tenants/add/", f"/tenants/{tenant.pk}/archive/"):
        assert client.post(url, {}).status_code == 403
    assert Event.objects.filter(verb=Verb.REFUSED).count() == 1
