"""The portal's public address: every link that leaves it begins with PORTAL_URL."""

from django.conf import settings


def public_url(path: str) -> str:
    """Return the full address of a path. It never names the host of a request: a browser may send any."""
    return f"{settings.PORTAL_URL}{path}"
