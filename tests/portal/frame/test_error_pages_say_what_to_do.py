from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory

from portal.ui import views


def visible(response: HttpResponse) -> str:
    main = BeautifulSoup(response.content, "html.parser").find("main")
    assert main is not None
    return " ".join(main.text.split())


def not_found(request: HttpRequest) -> HttpResponse:
    return views.not_found(request, ValueError("the tenant 41 exists"))


def forbidden(request: HttpRequest) -> HttpResponse:
    return views.forbidden(request, PermissionError("inner detail"))


def bad_request(request: HttpRequest) -> HttpResponse:
    return views.bad_request(request, ValueError("inner detail"))


@pytest.mark.parametrize(
    ("view", "status", "sentence"),
    [
        (bad_request, 400, "load the page again"),
        (forbidden, 403, "ask an administrator of the tenant"),
        (not_found, 404, "find the page from the start page"),
        (views.server_error, 500, "whether your last change is there"),
        (views.csrf_failure, 403, "send the form once more"),
    ],
)
def test_each_error_page_has_its_status_and_says_what_to_do(
    view: Callable[[HttpRequest], HttpResponse], status: int, sentence: str
) -> None:
    response = view(RequestFactory().get("/tenants/41/"))
    assert response.status_code == status
    assert sentence in visible(response)
    assert "Go to the start page" in visible(response)


def test_no_error_page_repeats_what_the_error_said() -> None:
    request = RequestFactory().get("/")
    for view in (bad_request, forbidden, not_found):
        assert "detail" not in visible(view(request))
        assert "41" not in visible(view(request))


@pytest.mark.parametrize("name", ["400", "403", "404", "500", "503", "403_csrf"])
def test_an_error_page_needs_no_context_at_all(name: str) -> None:
    assert "<h1>" in render_to_string(f"{name}.html")
