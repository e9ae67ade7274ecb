"""The chained bytes hold commitments only, so that a person can be forgotten and every chain stays whole."""

from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.models import SITE_CHAIN, Event, PersonalText
from portal.history.event_rows import lines
from portal.tenants.models import Tenant
from tests.portal.audit.conftest import append, problems
from tests.support.cast import new_member

ADDRESS = "203.0.113.77"


@pytest.fixture
def clicked(client_of: Callable[[User], Client], administrator: User, tenant: Tenant) -> User:
    """An administrator who changed Acme through the pages."""
    fields = {"name": "Acme 2", "ccid": str(tenant.ccid), "nexus_url": tenant.nexus_url, "nexus_api_key": "another"}
    client_of(administrator).post(f"/tenants/{tenant.pk}/edit/", fields, REMOTE_ADDR=ADDRESS)
    assert Tenant.objects.get().name == "Acme 2"
    return administrator


def erase(text: str) -> None:
    assert PersonalText.objects.filter(text=text).update(text=None, salt=None) == 1


def test_the_bytes_hold_no_address_of_a_person_or_a_machine(clicked: User, tenant: Tenant) -> None:
    new_member("auditor", tenant, Role.AUDITOR)
    everything = b"\n".join(bytes(event.canonical) for event in Event.objects.all())
    assert b"@" not in everything
    assert ADDRESS.encode() not in everything
    assert clicked.name.encode() not in everything


def test_the_same_person_has_the_same_commitment_everywhere(db: None) -> None:
    events = [append(), append(), append(tenant_id=None)]
    assert len({event.actor_text for event in events}) == 1


def test_the_commitment_is_salted_so_that_guessing_the_text_shows_nothing(db: None) -> None:
    before = append().actor_text
    erase("ann@example.com")
    assert append().actor_text != before


def test_after_an_erasure_every_chain_is_whole_and_pages_say_erased(
    clicked: User, tenant: Tenant, client_of: Callable[[User], Client], site_administrator: User
) -> None:
    erase(clicked.email)
    erase(ADDRESS)
    assert problems(str(tenant.pk)) == []
    assert problems(SITE_CHAIN) == []
    page = client_of(site_administrator).get("/history/", {"tenant": str(tenant.pk)}).content.decode()
    assert "(erased)" in page
    assert clicked.email not in page


def test_erasing_one_person_leaves_the_others_named(clicked: User, tenant: Tenant) -> None:
    erase(clicked.email)
    shown = {line.actor for line in lines(Event.objects.filter(chain=str(tenant.pk)))}
    assert "(erased)" in shown
    assert len(shown) == 2


def test_an_erased_person_who_comes_back_gets_a_new_commitment(db: None) -> None:
    before = append().actor_text
    erase("ann@example.com")
    assert append().actor_text != before
