"""An entry, a badge or a column that fails takes no page with it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.ui import navigation
from portal.ui.navigation import NavigationItem


def fail(*_: Any) -> Any:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "item",
    [
        NavigationItem("Broken", "home", "clock", 1, shown=fail),
        NavigationItem("Broken", "home", "clock", 1, badge=fail),
    ],
)
def test_an_entry_that_fails_leaves_the_page_and_the_other_entries(
    item: NavigationItem,
    administrator: User,
    client_of: Callable[[User], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(navigation, "_items", dict(navigation._items))  # noqa: SLF001 - the others stay
    navigation.register(item)
    page = client_of(administrator).get("/tenants/")
    assert page.status_code == 200
    assert "Waits for me" in page.text


def test_a_switcher_that_fails_leaves_the_page(
    administrator: User, client_of: Callable[[User], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(navigation, "_switchers", [fail])
    assert client_of(administrator).get("/tenants/").status_code == 200
