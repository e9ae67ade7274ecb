from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.operations import alerts

pytestmark = pytest.mark.usefixtures("first_alert_fails")


def test_an_alert_that_fails_says_so_and_the_others_are_heard() -> None:
    assert alerts.sentences() == [alerts.FAILED, "Something else is wrong."]


def test_the_page_shows_both(site_administrator: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(site_administrator).get("/operations/").text
    assert "it may miss a problem" in page
    assert "Something else is wrong." in page
