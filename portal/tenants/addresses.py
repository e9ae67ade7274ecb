"""Normal forms of the addresses that people type."""

from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError

from portal.outbound.destinations import Destination
from portal.outbound.errors import UrlRefused
from portal.outbound.url_check import check_url

#: The provisioning API's own path: people paste it along with the URL.
_API_ROOT = "/nexus"


def normal_base_url(text: str) -> str:
    """Return a base URL in its normal form: lower-case scheme and host, without the API's path and trailing slashes.

    A path of another kind stays: a gateway may stand in front of Digital Channels. Raises ValidationError with a
    sentence that says what is wrong.
    """
    try:
        check_url(Destination.NEXUS, text.strip())
    except UrlRefused as error:
        raise ValidationError(error.sentence) from error
    parts = urlsplit(text.strip())
    if parts.query:
        raise ValidationError("Leave out what follows the question mark: only scheme, host and path are needed.")
    path = parts.path.rstrip("/")
    if path == _API_ROOT or path.startswith(f"{_API_ROOT}/"):
        path = ""
    return urlunsplit((parts.scheme.lower(), parts.netloc.lower(), path, "", ""))


def host_of(url: str) -> str:
    """Return the host of a URL in normal form."""
    return urlsplit(url).hostname or ""
