from collections.abc import Callable

import kombu.exceptions
import pytest
import redis.exceptions
from django.db import InterfaceError, InternalError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from portal.core.middleware.outages import outage_page
from portal.ui import views

handler500 = views.server_error


def _fail(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(_request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("database/", _fail(OperationalError("password=hunter2"))),
    path("mistake/", _fail(ValueError("x"))),
]


class BrokenMiddleware:
    """Fails outside any view, as a session does whose database is gone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        raise OperationalError


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        (OperationalError(), "its database"),
        (InterfaceError(), "its database"),
        (redis.exceptions.ConnectionError(), "its queue"),
        (redis.exceptions.TimeoutError(), "its queue"),
        (redis.exceptions.ReadOnlyError(), "its queue"),
        (redis.exceptions.OutOfMemoryError(), "its queue"),
        (redis.exceptions.ResponseError("MISCONF"), "its queue"),
        (kombu.exceptions.OperationalError(), "its queue"),
    ],
)
def test_the_page_names_what_cannot_be_reached_and_when_to_come_back(error: Exception, missing: str) -> None:
    response = outage_page(error)
    assert response is not None
    assert response.status_code == 503
    assert missing in response.text
    assert response.headers["Retry-After"] == "10"


def test_the_log_has_the_databases_own_words(caplog: pytest.LogCaptureFixture) -> None:
    outage_page(OperationalError("could not extend file: No space left on device\n" + "x" * 500))
    assert "No space left on device" in caplog.text
    assert "x" * 200 not in caplog.text


@pytest.mark.parametrize("error", [ValueError(), None, KeyError("x"), InternalError("another one")])
def test_any_other_error_is_none_of_its_business(error: Exception | None) -> None:
    assert outage_page(error) is None


@pytest.mark.urls(__name__)
def test_a_view_that_meets_an_outage_answers_503_without_the_errors_words(settings: Settings) -> None:
    settings.MIDDLEWARE = ["portal.core.middleware.outages.OutageMiddleware"]
    response = Client().get("/database/")
    assert response.status_code == 503
    assert "hunter2" not in response.text


@pytest.mark.urls(__name__)
def test_an_outage_outside_a_view_is_503_too(settings: Settings) -> None:
    settings.MIDDLEWARE = [f"{__name__}.BrokenMiddleware"]
    assert Client(raise_request_exception=False).get("/mistake/").status_code == 503


@pytest.mark.urls(__name__)
def test_a_mistake_in_a_view_stays_500(settings: Settings) -> None:
    settings.MIDDLEWARE = ["portal.core.middleware.outages.OutageMiddleware"]
    assert Client(raise_request_exception=False).get("/mistake/").status_code == 500
