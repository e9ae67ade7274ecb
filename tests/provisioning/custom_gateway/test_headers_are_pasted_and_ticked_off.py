from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from provisioning.models import Setup, Tick
from provisioning.wizard.actions import begin_setup
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import Visitor, verbs

TWO = "custom-header-for-async-1 = 12345\nheader:X-Other=a = b"
OPTIONS = "header:custom-header-for-async-1 = 12345\nheader:X-Other = a = b"


def page(visitor: Visitor) -> str:
    return gateway.page(visitor.client, "gateway_headers", visitor.setup)


def tick(visitor: Visitor, **values: str) -> str:
    """Press the button and return the page that follows."""
    answer = gateway.post(visitor.client, "gateway_headers_tick", visitor.setup, **values)
    assert answer.status_code == 302
    return page(visitor)


def test_they_stand_as_options_to_paste(visitor: Visitor) -> None:
    visitor.save("headers", {"headers": TWO})
    assert OPTIONS in unescape(page(visitor))


def test_without_headers_there_is_nothing_to_paste_or_tick(visitor: Visitor) -> None:
    visitor.save("headers", {"headers": ""})
    assert "No custom headers" in page(visitor)
    assert gateway.post(visitor.client, "gateway_headers_tick", visitor.setup).status_code == 404
    assert not Tick.objects.exists()


def test_a_tick_says_who_and_when_and_stands_in_the_history(
    reviewer: Visitor, administrator: User, tenant: Tenant
) -> None:
    text = tick(reviewer)
    assert f"ticked off by {administrator.email}" in " ".join(text.split())
    assert "Take the tick back" in text
    assert verbs(tenant)[-1] == "checklist.ticked"


def test_a_second_tick_changes_nothing(reviewer: Visitor, tenant: Tenant) -> None:
    tick(reviewer)
    before = verbs(tenant)
    tick(reviewer)
    assert (Tick.objects.count(), verbs(tenant)) == (1, before)


def test_the_tick_can_be_taken_back(reviewer: Visitor, tenant: Tenant) -> None:
    tick(reviewer)
    assert "It is done" in tick(reviewer, undo="1")
    assert not Tick.objects.exists()
    assert verbs(tenant)[-2:] == ["checklist.ticked", "checklist.unticked"]


def test_other_headers_are_not_ticked_off(reviewer: Visitor) -> None:
    tick(reviewer)
    reviewer.save("headers", {"headers": TWO})
    assert "Take the tick back" not in page(reviewer)
    reviewer.save("headers", {"headers": gateway.HEADERS})
    assert "Take the tick back" in page(reviewer)


def test_an_auditor_looks_and_ticks_nothing(draft: Setup, auditor: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(auditor)
    text = gateway.page(client, "gateway_headers", draft)
    assert "header:custom-header-for-async-1 = 12345" in text
    assert "It is done" not in text
    assert gateway.post(client, "gateway_headers_tick", draft).status_code == 403


def test_an_outsider_finds_no_page(draft: Setup, outsider: User, client_of: Callable[[User], Client]) -> None:
    client = client_of(outsider)
    assert client.get(reverse("gateway_headers", args=[draft.pk])).status_code == 404
    assert gateway.post(client, "gateway_headers_tick", draft).status_code == 404


@pytest.mark.parametrize("name", ["gateway_headers", "rehearsal"])
def test_another_option_has_no_such_page(
    actor: Actor, administrator: User, tenant: Tenant, client_of: Callable[[User], Client], name: str
) -> None:
    other = begin_setup(actor, tenant, "kaleyra")
    assert client_of(administrator).get(reverse(name, args=[other.pk])).status_code == 404


def test_an_archived_tenant_has_no_button(reviewer: Visitor, tenant: Tenant, site_administrator: User) -> None:
    archive_tenant(person(site_administrator), tenant)
    assert "It is done" not in page(reviewer)
    gateway.post(reviewer.client, "gateway_headers_tick", reviewer.setup)
    assert not Tick.objects.exists()
    assert "was archived" in page(reviewer)
