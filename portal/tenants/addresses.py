"""Normal forms of the addresses that people type."""

import re
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError

from portal.outbound.destinations import Destination
from portal.outbound.errors import UrlRefused
from portal.outbound.url_check import check_url

#: The provisioning API's own path, from its root on: people paste it along with the URL.
_API_PATH = re.compile(r"/nexus(?:/.*)?$")
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def normal_base_url(text: str) -> str:
    """Return a base URL in its normal form.

    Scheme and host are lower case; the API's own path, the default port and trailing slashes are left out. A path of
    another kind stays: a gateway may stand in front of Digital Channels. Raises ValidationError with a sentence that
    says what is wrong.
    """
    try:
        check_url(Destination.NEXUS, text.strip())
    except UrlRefused as error:
        raise ValidationError(error.sentence) from error
    parts = urlsplit(text.strip())
    if parts.query:
        raise ValidationError("Leave out what follows the question mark: only scheme, host and path are needed.")
    host = parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme]).removesuffix(":")
    path = _API_PATH.sub("", parts.path.rstrip("/")).rstrip("/")
    return urlunsplit((parts.scheme, host, path, "", ""))


def host_of(url: str) -> str:
    """Return the host of a URL in normal form."""
    return urlsplit(url).hostname or ""
