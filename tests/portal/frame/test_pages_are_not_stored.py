from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.core.middleware.browser_policies import NoStoreMiddleware


def cache_control(**headers: str) -> str:
    def view(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={name.replace("_", "-"): value for name, value in headers.items()})

    return NoStoreMiddleware(view)(RequestFactory().get("/")).headers["Cache-Control"]


def test_a_page_is_kept_out_of_every_cache() -> None:
    assert cache_control() == "no-store, private"


def test_a_view_that_speaks_for_itself_is_heard() -> None:
    assert cache_control(Cache_Control="max-age=60") == "max-age=60"
