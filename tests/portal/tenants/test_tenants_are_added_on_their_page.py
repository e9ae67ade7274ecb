import json
from uuid import UUID

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from portal.accounts.models import Membership, User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from tests.portal.tenants.conftest import KNOWN_HOST
from tests.portal.tenants.pages import error_at, fields, said
from tests.support.cast import CCID
from tests.support.stored import stored_values


def add(client: Client, **changed: object) -> str:
    """Send the form, and return what the page after it says."""
    return said(client.post("/tenants/add/", fields(**changed), follow=True))


def test_a_tenant_is_added_with_its_key_and_its_history(site_client: Client) -> None:
    assert "Acme was added." in add(site_client)
    tenant = Tenant.objects.get()
    assert (tenant.name, tenant.ccid, tenant.nexus_url) == ("Acme", CCID, f"https://{KNOWN_HOST}")
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY]) == {"apiKey": "a-key"}
    verbs = Event.objects.filter(chain=str(tenant.pk)).order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == [Verb.TENANT_CREATED, Verb.ROLE_GRANTED, Verb.CREDENTIAL_STORED]


def test_who_adds_a_tenant_becomes_its_administrator(site_client: Client, site_administrator: User) -> None:
    add(site_client)
    assert Membership.objects.get(user=site_administrator).role == Role.ADMINISTRATOR


def test_the_key_can_wait(site_client: Client) -> None:
    add(site_client, nexus_api_key="")
    assert not Tenant.objects.get().credentials.exists()


def test_a_url_of_http_is_taken_with_a_warning(site_client: Client) -> None:
    assert "the API key travels unencrypted" in add(site_client, nexus_url=f"http://{KNOWN_HOST}")


def test_a_host_that_cannot_be_found_is_taken_with_a_warning(site_client: Client) -> None:
    assert "The name digital.example.org cannot be found" in add(site_client, nexus_url="https://digital.example.org")


def test_a_good_url_brings_no_warning(site_client: Client) -> None:
    page = add(site_client)
    assert "unencrypted" not in page
    assert "cannot be found" not in page


def test_a_contact_centre_id_in_use_is_said_at_its_field(site_client: Client, tenant: Tenant) -> None:
    answer = site_client.post("/tenants/add/", fields(name="Acme again", nexus_url=tenant.nexus_url))
    assert Tenant.TAKEN in error_at(answer, "ccid")
    assert Tenant.objects.count() == 1


def test_the_same_id_at_another_url_is_another_tenant(site_client: Client, tenant: Tenant) -> None:
    assert "Acme in the laboratory was added." in add(site_client, name="Acme in the laboratory")
    assert {each.ccid for each in Tenant.objects.all()} == {tenant.ccid}


@pytest.mark.databases
def test_the_same_id_at_the_same_url_in_another_spelling_is_refused_by_the_database_too(tenant: Tenant) -> None:
    with pytest.raises(ValidationError) as raised:
        add_tenant(command_line(), name="Acme again", ccid=CCID, nexus_url="HTTP://127.0.0.1:09/nexus/v3/")
    assert raised.value.message_dict == {"ccid": [Tenant.TAKEN]}
    assert Tenant.objects.count() == 1
    assert connection.is_usable()


WRONG_IDS = [
    "45acae06-6b7c-4f97-9c76-471",  # the guide's own example is cut short like this
    "45acae06-6b7c-4f97-9c76-471cb5c21bfg",
    "45acae06-6b7c-4f97-9c76-471cb5c21bf77",
    "Acme",
    "12345678",
    "' OR 1=1 --",
]


@pytest.mark.parametrize("typed", WRONG_IDS)
def test_a_wrong_id_is_refused_with_its_form_in_words(site_client: Client, typed: str) -> None:
    answer = site_client.post("/tenants/add/", fields(ccid=typed))
    assert "8-4-4-4-12 characters" in error_at(answer, "ccid")
    assert not Tenant.objects.exists()


@pytest.mark.parametrize(
    "typed", [str(CCID).upper(), f" {CCID} ", f"{{{CCID}}}", f"urn:uuid:{CCID}", str(CCID).replace("-", "")]
)
def test_an_id_in_another_dress_is_the_same_id(site_client: Client, typed: str) -> None:
    add(site_client, ccid=typed)
    assert Tenant.objects.get().ccid == CCID


def test_an_empty_form_names_every_field_that_it_needs(site_client: Client) -> None:
    answer = site_client.post("/tenants/add/", {})
    assert {name for name in fields() if error_at(answer, name)} == {"name", "ccid", "nexus_url"}


@pytest.mark.parametrize("name", ["x" * 121, "a\x00b", "   "])
def test_a_name_that_cannot_be_is_said_at_its_field(site_client: Client, name: str) -> None:
    assert error_at(site_client.post("/tenants/add/", fields(name=name)), "name")
    assert not Tenant.objects.exists()


def test_a_name_that_is_markup_is_shown_as_text(site_client: Client) -> None:
    site_client.post("/tenants/add/", fields(name="<b onclick=x>Acme</b>"))
    page = site_client.get("/tenants/").content.decode()
    assert "<b onclick" not in page
    assert "&lt;b onclick=x&gt;Acme" in page


def test_what_was_typed_is_kept_after_an_error_but_for_the_key(site_client: Client) -> None:
    answer = site_client.post("/tenants/add/", fields(ccid="x"))
    page = BeautifulSoup(answer.content, "html.parser")
    values = {str(tag["name"]): tag.get("value") for tag in page.select("form[method=post] input[name]")}
    assert (values["name"], values["ccid"], values["nexus_api_key"]) == ("Acme", "x", None)


def test_the_history_holds_the_facts_and_not_the_key(site_client: Client) -> None:
    add(site_client)
    event = Event.objects.get(verb=Verb.TENANT_CREATED)
    assert json.loads(bytes(event.canonical))["changes"] == {
        "name": [None, "Acme"],
        "ccid": [None, str(UUID(int=CCID.int))],
        "nexus_url": [None, f"https://{KNOWN_HOST}"],
    }
