"""Invitations by e-mail: their links name the portal, and one that cannot be mailed is shown all the same."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.people.models import Invitation

SENT = {"email": "ann@example.com", "role": "site-auditor", "tenant": ""}


def test_a_link_names_the_portals_own_address_whatever_host_the_browser_names(
    site_administrator: User, client_of: Callable[[User], Client], settings: Settings
) -> None:
    settings.ALLOWED_HOSTS, settings.PORTAL_URL = ["*"], "https://portal.example.com"
    page = client_of(site_administrator).post("/people/invite/", SENT, headers={"Host": "evil.example"}).text
    assert re.search(r"https://portal\.example\.com/accounts/invitation/[\w-]{43}/", page)
    (message,) = mail.outbox
    assert re.search(r"https://portal\.example\.com/accounts/invitation/[\w-]{43}/", str(message.body))
    assert "evil.example" not in page + str(message.body)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), ValueError("no address"), UnicodeError("no host")])
def test_an_invitation_that_cannot_be_mailed_is_handed_over(
    error: Exception, site_administrator: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(EmailMessage, "send", fail)
    answer = client_of(site_administrator).post("/people/invite/", SENT)
    assert (answer.status_code, "The link was not mailed" in answer.text) == (200, True)
    assert Invitation.objects.filter(email="ann@example.com").exists()
