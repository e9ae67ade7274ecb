"""Step-up: replacing or revealing a secret asks for the password again, when that was given a while ago."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.accounts.permission import person
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.wizard.actions import begin_setup
from tests.support.cast import PASSWORD

NEW_KEY = "a-new-nexus-api-key"


@pytest.fixture
def client(client_of: Callable[[User], Client], administrator: User) -> Client:
    return client_of(administrator)


def age() -> None:
    Session.objects.update(proven_at=timezone.now() - timedelta(seconds=601))


def facts(tenant: Tenant, **more: str) -> dict[str, str]:
    return {"name": tenant.name, "ccid": str(tenant.ccid), "nexus_url": tenant.nexus_url, **more}


def asked(path: str) -> str:
    return f"/accounts/reauthenticate/?next={quote(path, safe='')}"


@pytest.fixture
def paths(tenant: Tenant, administrator: User) -> dict[str, str]:
    """Every page that reveals or replaces a secret of this tenant, which has a Nexus key and nothing else."""
    kaleyra = begin_setup(person(administrator), tenant, "kaleyra")
    return {
        "edit": f"/tenants/{tenant.pk}/edit/",
        "step": f"/setups/{kaleyra.pk}/steps/prerequisites/",
        "first": f"/setups/{kaleyra.pk}/steps/sender/",
        "password": f"/tenants/{tenant.pk}/genesys-cloud/password/",
    }


def test_a_fresh_sign_in_is_proof(client: Client, paths: dict[str, str]) -> None:
    assert [client.get(path).status_code for path in paths.values()] == [200] * len(paths)


@pytest.mark.parametrize("page", ["edit", "step", "password"])
def test_the_form_is_not_shown_before_the_proof(client: Client, paths: dict[str, str], page: str) -> None:
    age()
    assert client.get(paths[page]).headers["Location"] == asked(paths[page])


def test_a_step_without_a_stored_secret_asks_nothing(client: Client, paths: dict[str, str]) -> None:
    age()
    assert client.get(paths["first"]).status_code == 200


def test_htmx_is_sent_there_as_a_whole_page(client: Client, paths: dict[str, str]) -> None:
    age()
    answer = client.get(paths["password"], headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, asked(paths["password"]))


def test_a_proof_that_ran_out_over_the_form_changes_nothing_and_keeps_no_secret(
    client: Client, tenant: Tenant, paths: dict[str, str]
) -> None:
    before = Credential.objects.get().ciphertext
    age()
    answer = client.post(paths["edit"], facts(tenant, name="Renamed", nexus_api_key=NEW_KEY))
    assert answer.headers["Location"] == asked(paths["edit"])
    tenant.refresh_from_db()
    assert (tenant.name, bytes(Credential.objects.get().ciphertext)) == ("Acme", bytes(before))
    assert not [row for row in Session.objects.all() if NEW_KEY in str(row.get_decoded())]
    assert NEW_KEY not in str(client.cookies)


def test_the_password_proves_it_rotates_the_key_and_leads_back(
    redis: object, client: Client, paths: dict[str, str]
) -> None:
    client.post(paths["edit"], {"nexus_api_key": NEW_KEY})
    age()
    key = client.session.session_key
    client.post(paths["edit"], {"nexus_api_key": NEW_KEY})
    page = client.get(asked(paths["edit"])).text
    assert "Secrets are not kept meanwhile: enter those once more." in page
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": paths["edit"]})
    assert answer.headers["Location"] == paths["edit"]
    assert client.get(paths["edit"]).status_code == 200
    assert client.session.session_key != key
    assert not Session.objects.filter(pk=key).exists()


def test_a_wrong_password_proves_nothing(redis: object, client: Client, paths: dict[str, str]) -> None:
    age()
    client.post("/accounts/reauthenticate/", {"password": "wrong", "next": paths["edit"]})
    assert client.get(paths["edit"]).status_code == 302


def test_saving_a_tenant_without_a_new_key_asks_nothing(client: Client, tenant: Tenant, paths: dict[str, str]) -> None:
    age()
    client.post(paths["edit"], facts(tenant, name="Renamed"))
    tenant.refresh_from_db()
    assert tenant.name == "Renamed"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example/"])
def test_the_way_back_never_leads_elsewhere(redis: object, client: Client, elsewhere: str) -> None:
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": elsewhere})
    assert "evil" not in answer.headers.get("Location", "")
