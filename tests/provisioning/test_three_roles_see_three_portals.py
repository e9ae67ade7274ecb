"""Administrators, representatives and auditors begin elsewhere, and are shown what they can do."""

from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from portal.accounts.models import User

COMMON = {"Tenants", "Waits for me", "History", "Evidence", "Who may do what"}


@pytest.mark.parametrize(
    ("name", "start", "more"),
    [
        ("administrator", "/tenants/", {"Requests", "Operations"}),
        ("representative", "/requests/", {"Requests"}),
        ("auditor", "", set()),
        ("site_administrator", "/tenants/", {"People", "Operations"}),
    ],
)
def test_each_begins_at_their_work_with_their_own_menu(
    request: pytest.FixtureRequest, client_of: Callable[[User], Client], name: str, start: str, more: set[str]
) -> None:
    page = client_of(request.getfixturevalue(name)).get("/", follow=True)
    assert page.redirect_chain == ([(start, 302)] if start else [])  # an auditor begins with the news
    menu = BeautifulSoup(page.content, "html.parser").select(".sidebar-nav a > span:first-of-type")
    assert {entry.get_text(strip=True) for entry in menu} == COMMON | more


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("administrator", "whose SMS is set up here"),
        ("representative", "that you serve"),
        ("auditor", "You read everything of them, and change nothing"),
    ],
)
def test_the_list_of_tenants_speaks_to_its_reader(
    request: pytest.FixtureRequest, client_of: Callable[[User], Client], name: str, words: str
) -> None:
    page = client_of(request.getfixturevalue(name)).get("/tenants/")
    assert words in " ".join(BeautifulSoup(page.content, "html.parser").text.split())
