"""The tenant's page shows the newest of everything, and turns the pages of what is older."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Setup, SetupState
from tests.support.pages import pages


def test_older_set_ups_and_the_clients_of_before_are_on_pages(
    tenant: Tenant, auditor: User, client_of: Callable[[User], Client]
) -> None:
    setups = Setup.objects.bulk_create(
        [Setup(tenant=tenant, option="kaleyra", state=SetupState.SUCCEEDED) for _ in range(23)]
    )
    known = Credential.objects.get(tenant=tenant)
    for number in range(12):
        Credential.objects.create(
            tenant=tenant,
            kind="clientSecret",
            client_id=str(number),
            is_current=False,
            ciphertext=b"",
            fingerprint=f"before{number:02}",
            set_at=known.set_at,
            set_by_label="a",
        )
    client, url = client_of(auditor), reverse("tenant", args=[tenant.pk])
    links = [str(link["href"]) for page in pages(client, url, "#setups") for link in page.select("#setups a.name")]
    assert sorted(links) == sorted(reverse("setup", args=[setup.pk]) for setup in setups)
    seen = [code.get_text() for page in pages(client, url, "#earlier") for code in page.select("#earlier code")]
    assert sorted(each for each in seen if each.startswith("before")) == [f"before{n:02}" for n in range(12)]
    assert seen.count(known.fingerprint) == 3  # what is used now stands above, on each of the pages


def test_its_buttons_are_about_the_newest_set_up_on_every_page(
    tenant: Tenant, administrator: User, client_of: Callable[[User], Client]
) -> None:
    Setup.objects.bulk_create([Setup(tenant=tenant, option="kaleyra", state=SetupState.SUCCEEDED) for _ in range(12)])
    draft = Setup.objects.create(tenant=tenant, option="kaleyra")
    for page in pages(client_of(administrator), reverse("tenant", args=[tenant.pk]), "#setups"):
        [button] = [link for link in page.select("a.btn-primary") if "Go on with the set-up" in link.get_text()]
        assert button["href"] == reverse("setup", args=[draft.pk])
