from collections.abc import Callable

import pytest
from django import forms
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.tenants.models import Tenant
from portal.ui.forms import PortalFormMixin, field_parts


class LongForm(PortalFormMixin, forms.Form):
    """Fields with a limit."""

    line = forms.CharField(max_length=5)
    lines = forms.CharField(max_length=5, widget=forms.Textarea)


@pytest.mark.parametrize("name", ["line", "lines"])
def test_a_limit_is_told_by_the_form_and_never_cut_by_the_browser(name: str) -> None:
    sent = LongForm({"line": "123456", "lines": "123456"})
    assert "maxlength" not in field_parts(sent[name]).widget
    assert "at most 5 characters (it has 6)" in str(sent.errors[name])


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["account_login", "account_reset_password"])
def test_pages_for_signing_in_cut_nothing(client: Client, page: str) -> None:
    assert "maxlength" not in client.get(reverse(page)).content.decode()


@pytest.mark.parametrize(
    ("name", "of_tenant"),
    [
        *(("account_change_password", False), ("tenants:add", False), ("tenants:edit", True), ("senders:add", True)),
        ("senders:bulk", True),
    ],
)
def test_forms_cut_nothing(  # noqa: PLR0917 - fixtures and the two parameters
    tenant: Tenant,
    administrator: User,
    site_administrator: User,
    client_of: Callable[[User], Client],
    name: str,
    of_tenant: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    client = client_of(administrator if of_tenant else site_administrator)
    page = client.get(reverse(name, args=[tenant.pk] if of_tenant else []), follow=True).content.decode()
    form = page[page.index("<main") :]
    assert "<form" in form
    assert "maxlength" not in form
