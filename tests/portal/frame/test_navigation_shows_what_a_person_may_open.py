from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import path

from portal.ui import navigation
from portal.ui.navigation import NavigationItem, TenantChoice, TenantSwitcher


def _view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


urlpatterns = [
    path("", _view, name="start"),
    path("tenants/", _view, name="tenants"),
    path("tenants/archive/", _view, name="archive"),
    path("history/", _view, name="history"),
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def empty_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(navigation, "_items", {})
    monkeypatch.setattr(navigation, "_switchers", [])


def request_by(user: Any, where: str = "/") -> HttpRequest:
    request = RequestFactory().get(where)
    request.user = user
    return request


ANNA: Any = SimpleNamespace(is_authenticated=True, name="Anna")
NOBODY: Any = SimpleNamespace(is_authenticated=False)


def test_items_stand_in_their_order() -> None:
    navigation.register(NavigationItem("History", "history", "history", order=50))
    navigation.register(NavigationItem("Tenants", "tenants", "building", order=10))
    assert [entry.label for entry in navigation.entries(request_by(ANNA))] == ["Tenants", "History"]


def test_an_item_that_is_not_for_this_person_is_left_out() -> None:
    navigation.register(NavigationItem("Tenants", "tenants", "building", shown=lambda user: user.name == "Bea"))
    assert navigation.entries(request_by(ANNA)) == []


def test_nobody_signed_in_sees_nothing_and_nothing_is_asked() -> None:
    def ask(_user: object) -> bool:
        raise AssertionError

    navigation.register(NavigationItem("Tenants", "tenants", "building", shown=ask))
    assert navigation.entries(request_by(NOBODY)) == []
    assert navigation.entries(RequestFactory().get("/")) == []


@pytest.mark.parametrize(
    ("where", "current"),
    [
        ("/", ["Start"]),
        ("/tenants/", ["Tenants"]),
        ("/tenants/7/setups/", ["Tenants"]),
        ("/tenants/archive/3/", ["Archive"]),
        ("/elsewhere/", []),
    ],
)
def test_the_nearest_item_is_the_current_one(where: str, current: list[str]) -> None:
    for label, name in [("Start", "start"), ("Tenants", "tenants"), ("Archive", "archive")]:
        navigation.register(NavigationItem(label, name, "home"))
    assert [entry.label for entry in navigation.entries(request_by(ANNA, where)) if entry.current] == current


def test_a_badge_is_counted_for_the_person() -> None:
    navigation.register(NavigationItem("Tenants", "tenants", "building", badge=lambda user: len(user.name)))
    assert [entry.badge for entry in navigation.entries(request_by(ANNA))] == [4]


def test_registering_twice_replaces() -> None:
    navigation.register(NavigationItem("Old", "tenants", "building"))
    navigation.register(NavigationItem("New", "tenants", "building"))
    assert [entry.label for entry in navigation.entries(request_by(ANNA))] == ["New"]


def test_a_page_that_does_not_draw_the_sidebar_pays_nothing_for_it() -> None:
    def count(_user: object) -> int:
        raise AssertionError

    navigation.register(NavigationItem("Tenants", "tenants", "building", badge=count))
    navigation.register_tenant_switcher(lambda _request: pytest.fail("asked"))
    assert navigation.navigation(request_by(ANNA))["product_name"]


def test_the_tenant_switcher_comes_from_the_room_that_registered_it() -> None:
    switcher = TenantSwitcher(None, [TenantChoice("Harbour", "/tenants/1/")], "/tenants/")
    navigation.register_tenant_switcher(lambda _request: switcher)
    assert navigation.navigation(request_by(ANNA))["tenant_switcher"] == switcher
    assert not navigation.navigation(request_by(NOBODY))["tenant_switcher"]
