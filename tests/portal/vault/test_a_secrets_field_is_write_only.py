from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portal.accounts.models import User
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from tests.support.cast import API_KEY

NEW_KEY = "another-key-that-nobody-may-see"


@pytest.fixture
def client(client_of: Callable[[User], Client], administrator: User) -> Client:
    return client_of(administrator)


@pytest.fixture
def edit(tenant: Tenant) -> str:
    return f"/tenants/{tenant.pk}/edit/"


def secret_input(html: str) -> dict[str, str]:
    [tag] = BeautifulSoup(html, "html.parser").select("input[name=nexus_api_key]")
    return {name: str(value) for name, value in tag.attrs.items()}


def test_the_stored_value_is_not_on_the_page(client: Client, edit: str) -> None:
    html = client.get(edit).content.decode()
    assert API_KEY not in html
    assert "value" not in secret_input(html)


def test_an_invalid_form_does_not_send_the_new_value_back(client: Client, edit: str, tenant: Tenant) -> None:
    answer = client.post(edit, {"name": "", "ccid": "x", "nexus_url": "ftp://x", "nexus_api_key": NEW_KEY})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert NEW_KEY not in html
    assert "value" not in secret_input(html)


def test_it_is_a_password_input_that_browsers_neither_fill_nor_keep(client: Client, edit: str) -> None:
    attributes = secret_input(client.get(edit).content.decode())
    assert attributes["type"] == "password"
    assert attributes["autocomplete"] == "new-password"
    assert "required" not in attributes


def test_the_page_says_which_value_is_stored(client: Client, edit: str) -> None:
    credential = Credential.objects.get()
    text = BeautifulSoup(client.get(edit).content, "html.parser").get_text(" ", strip=True)
    assert f"Stored: fingerprint {credential.fingerprint}, set by {credential.set_by_label}" in text


def test_a_name_that_is_markup_is_shown_as_text(client: Client, edit: str) -> None:
    Credential.objects.update(set_by_label="<script>alert(1)</script>")
    for url in (edit, edit.removesuffix("edit/")):
        html = client.get(url).content.decode()
        assert "<script>alert(1)" not in html
        assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize("empty", ["", "   "])
def test_an_empty_field_keeps_what_is_there(client: Client, edit: str, tenant: Tenant, empty: str) -> None:
    before = bytes(Credential.objects.get().ciphertext)
    fields = {"name": "Acme 2", "ccid": tenant.ccid, "nexus_url": tenant.nexus_url, "nexus_api_key": empty}
    assert client.post(edit, fields).status_code == 302
    assert Tenant.objects.get().name == "Acme 2"
    assert bytes(Credential.objects.get().ciphertext) == before


def test_a_new_value_replaces_the_stored_one(client: Client, edit: str, tenant: Tenant) -> None:
    before = Credential.objects.get().fingerprint
    fields = {"name": "Acme", "ccid": tenant.ccid, "nexus_url": tenant.nexus_url, "nexus_api_key": NEW_KEY}
    answer = client.post(edit, fields, follow=True)
    assert Credential.objects.get().fingerprint != before
    assert NEW_KEY not in answer.content.decode()
