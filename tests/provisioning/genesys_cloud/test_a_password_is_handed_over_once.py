from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.options.genesys_cloud.password_handover import NothingToHandOver, reveal_once
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.genesys_cloud.cloud import PASSWORD
from tests.provisioning.kaleyra import Visitor, last_event, verbs
from tests.support.cast import new_member

SignIn = Callable[[User], Client]


@pytest.fixture
def url(visitor: Visitor, tenant: Tenant) -> str:
    """The page of a password that waits."""
    visitor.save("organisation", cloud.organisation("http://127.0.0.1:9") | {"orgPassword": PASSWORD})
    return reverse("genesys_cloud_password", args=[tenant.pk])


def waits() -> bool:
    return Credential.objects.filter(kind=Kind.ORG_PASSWORD).exists()


def test_it_is_shown_once_and_gone_then(url: str, visitor: Visitor) -> None:
    assert url in visitor.see("organisation").content.decode()
    assert PASSWORD not in visitor.client.get(url).content.decode()
    shown = visitor.client.post(url)
    assert PASSWORD in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    again = visitor.client.post(url).content.decode()
    assert PASSWORD not in again
    assert "No password waits here" in again
    assert not waits()
    assert url not in visitor.see("organisation").content.decode()


def test_looking_at_the_page_shows_and_records_nothing(url: str, visitor: Visitor, tenant: Tenant) -> None:
    before = verbs(tenant)
    visitor.client.get(url)
    assert verbs(tenant) == before
    assert waits()


def test_the_history_keeps_who_saw_it_and_not_what(url: str, visitor: Visitor, tenant: Tenant) -> None:
    visitor.client.post(url)
    assert verbs(tenant)[-1] == "credential.revealed"
    assert "administrator" in last_event(tenant).lower()
    assert PASSWORD not in last_event(tenant)


def test_the_tenants_page_leads_to_it_also_after_the_run(url: str, visitor: Visitor, tenant: Tenant) -> None:
    assert f'href="{url}"' in visitor.client.get(reverse("tenant", args=[tenant.pk])).content.decode()


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.REPRESENTATIVE])
def test_others_of_the_tenant_do_not_get_it(url: str, tenant: Tenant, client_of: SignIn, role: Role) -> None:
    client = client_of(new_member("other", tenant, role))
    assert client.get(url).status_code == 403
    assert client.post(url).status_code == 403
    assert waits()


def test_a_site_administrator_does_not_get_it(url: str, site_administrator: User, client_of: SignIn) -> None:
    assert client_of(site_administrator).post(url).status_code == 403
    assert waits()


def test_an_outsider_finds_nothing(url: str, outsider: User, client_of: SignIn) -> None:
    assert client_of(outsider).post(url).status_code == 404
    assert waits()


@pytest.mark.parametrize("kind", [Kind.NEXUS_API_KEY, Kind.CLIENT_SECRET, Kind.CLUSTER_API_KEY])
def test_no_other_secret_leaves_this_way(tenant: Tenant, kind: Kind) -> None:
    with pytest.raises(NothingToHandOver):
        reveal_once(command_line(), tenant, kind)
    assert Credential.objects.filter(kind=Kind.NEXUS_API_KEY).exists()


def test_a_tampered_one_says_so(url: str, visitor: Visitor) -> None:
    Credential.objects.filter(kind=Kind.ORG_PASSWORD).update(ciphertext=b"damaged")
    assert "does not open with the vault" in visitor.client.post(url).content.decode()
    assert waits()


def test_a_set_up_needs_none(visitor: Visitor) -> None:
    assert visitor.save("organisation", cloud.organisation("http://127.0.0.1:9")).status_code == 302
    assert not waits()
