"""Health probes: a load balancer asks by address and over http, and gets its answer all the same.

`SECURE_REDIRECT_EXEMPT` keeps the two paths from being redirected to https; here their Host header is not looked at,
for nothing in their answers depends on it.
"""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware import common

PATHS = frozenset({"/healthz", "/readyz"})


class CommonMiddleware(common.CommonMiddleware):
    """Django's own, which refuses hosts that ALLOWED_HOSTS does not name; but not for a probe."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Return None to go on, or a redirect."""
        return None if request.path_info in PATHS else super().process_request(request)
