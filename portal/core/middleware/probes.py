"""Health probes: a load balancer calls them by IP address and over http.

`SECURE_REDIRECT_EXEMPT` exempts the two paths from the redirect to https. Here they are exempt from the check of the
Host header, because nothing in the responses depends on it.
"""

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware import common

PATHS = frozenset({"/healthz", "/readyz"})


class CommonMiddleware(common.CommonMiddleware):
    """Django's CommonMiddleware, which refuses hosts outside ALLOWED_HOSTS, except for probes."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Return None to continue, or a redirect."""
        return None if request.path_info in PATHS else super().process_request(request)
