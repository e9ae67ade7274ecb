"""URL normalisation for addresses that people type."""

import re
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError

from portal.core.origins import origin_of
from portal.http_client.destinations import Destination
from portal.http_client.errors import UrlRefused
from portal.http_client.url_check import check_url

#: The path of the provisioning API, at the end: people paste it along with the URL.
_API_PATH = re.compile(r"/nexus(?:/v[0-9]+(?:/.*)?)?$")
_AUTH_PATH = re.compile(r"/auth/v3(?:/oauth(?:/token)?)?$")


def normal_base_url(text: str) -> str:
    """Return the normalised base URL of Digital Channels.

    Scheme and host become lower case; the API's own path, the default port and trailing slashes are removed. Any other
    path stays, because a gateway may be in front of Digital Channels. Raises ValidationError with the problem.
    """
    return _normal(text, _API_PATH)


def normal_auth_url(text: str) -> str:
    """Return the normalised base URL of the authentication service, without that service's own path."""
    return _normal(text, _AUTH_PATH)


def url_as_typed(text: str) -> str:
    """Return a service URL that the portal only passes to Digital Channels: checked, but unchanged.

    Only the service's owner knows what its path and a trailing slash mean. Raises ValidationError.
    """
    return _checked(text)


def _checked(text: str) -> str:
    try:
        check_url(Destination.NEXUS, text.strip())
    except UrlRefused as error:
        raise ValidationError(error.sentence) from error
    return text.strip()


def _normal(text: str, own_path: re.Pattern[str]) -> str:
    parts = urlsplit(_checked(text))
    if parts.query:
        raise ValidationError("Leave out what follows the question mark: only scheme, host and path are needed.")
    origin = urlsplit(origin_of(text))
    path = own_path.sub("", parts.path.rstrip("/")).rstrip("/")
    return urlunsplit((origin.scheme, origin.netloc, path, "", ""))


def host_of(url: str) -> str:
    """Return the host of a normalised URL."""
    return urlsplit(url).hostname or ""
