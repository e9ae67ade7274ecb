from collections.abc import Callable

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.core import alerts
from portal.notifications.mailing import undelivered


def fail() -> None:
    """Fail, as nobody foresaw."""
    raise ZeroDivisionError


@pytest.fixture
def first_alert_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two alerts: one that fails, and one that has something to say."""
    monkeypatch.setattr(alerts, "_alerts", [])
    alerts.register(fail)
    alerts.register(lambda: "Something else is wrong.")


@pytest.mark.usefixtures("first_alert_fails")
def test_an_alert_that_fails_says_so_and_the_others_are_heard() -> None:
    assert alerts.sentences() == [alerts.FAILED, "Something else is wrong."]


def test_the_alert_about_mails_is_registered_once() -> None:
    assert [alert.__qualname__ for alert in alerts._alerts].count(undelivered.__qualname__) == 1  # noqa: SLF001 - what ready() filled


@pytest.mark.usefixtures("first_alert_fails")
def test_the_page_shows_both(site_administrator: User, client_of: Callable[[User], Client]) -> None:
    page = client_of(site_administrator).get("/operations/").text
    assert "it may miss a problem" in page
    assert "Something else is wrong." in page
