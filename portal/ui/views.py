"""Error pages: what went wrong, and what to do about it.

They use the base layout, which needs neither session nor database, so they work when those are down.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.core.middleware.outages import outage_page
from portal.core.middleware.request_ids import current_request_id


def _page(request: HttpRequest | None, template: str, status: int) -> HttpResponse:
    context = {"request_id": current_request_id()}
    return HttpResponse(render_to_string(template, context, request), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """400: the request could not be read."""
    return _page(request, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: the person may not do this."""
    return _page(request, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: no such page, or one of another tenant; both look the same on purpose."""
    return _page(request, "404.html", 404)


def server_error(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """500, or 503 if the current exception is an outage. Rendered without the request, which may cause the error."""
    return outage_page(sys.exc_info()[1]) or _page(None, "500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403 for a form without a valid CSRF token; Django logs the reason."""
    return _page(request, "403_csrf.html", 403)
