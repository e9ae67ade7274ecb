"""Regions of Genesys Cloud, from the vendor's SDK: login, API and admin hosts, and normalization of base URLs."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError

from portal.core.origins import origin_of
from portal.http_client.destinations import Destination
from portal.http_client.errors import UrlRefused
from portal.http_client.url_check import check_url

#: Paths that people paste along with the base URL.
_OWN_PATHS = re.compile(r"/(?:api/v2(?:/.*)?|oauth(?:/(?:token|authorize))?|directory(?:/.*)?)$")


@dataclass(frozen=True)
class Region:
    """A region; its hosts are `login.`, `api.` and `apps.` followed by the domain."""

    name: str
    domain: str

    @property
    def login_url(self) -> str:
        """Return the base URL for token requests."""
        return f"https://login.{self.domain}"

    @property
    def api_url(self) -> str:
        """Return the base URL of the API."""
        return f"https://api.{self.domain}"


REGIONS = {
    name: Region(name, domain)
    for name, domain in (
        ("us-east-1", "mypurecloud.com"),
        ("us-east-2", "use2.us-gov-pure.cloud"),
        ("us-west-2", "usw2.pure.cloud"),
        ("ca-central-1", "cac1.pure.cloud"),
        ("mx-central-1", "mxc1.pure.cloud"),
        ("sa-east-1", "sae1.pure.cloud"),
        ("eu-west-1", "mypurecloud.ie"),
        ("eu-west-2", "euw2.pure.cloud"),
        ("eu-central-1", "mypurecloud.de"),
        ("eu-central-2", "euc2.pure.cloud"),
        ("me-central-1", "mec1.pure.cloud"),
        ("ap-southeast-1", "apse1.pure.cloud"),
        ("ap-southeast-2", "mypurecloud.com.au"),
        ("ap-northeast-1", "mypurecloud.jp"),
        ("ap-northeast-2", "apne2.pure.cloud"),
        ("ap-northeast-3", "apne3.pure.cloud"),
        ("ap-south-1", "aps1.pure.cloud"),
    )
}


def region_at(url: str) -> Region | None:
    """Return the region that this URL belongs to, or None for a custom host."""
    domain = _domain(url)
    return next((region for region in REGIONS.values() if region.domain == domain), None)


def prefix_of(url: str) -> str:
    """Return `login`, `api` or `apps` if the host begins with it, otherwise an empty string."""
    first = _host(url).partition(".")[0]
    return first if first in {"login", "api", "apps"} else ""


def admin_pages(login_url: str) -> str:
    """Return the URL of the organisation's admin pages, or an empty string if the host does not reveal it."""
    return f"https://apps.{_domain(login_url)}/directory/#/admin" if prefix_of(login_url) == "login" else ""


def normal_url(text: str) -> str:
    """Return a base URL of Genesys Cloud in its normal form. Raises ValidationError."""
    try:
        check_url(Destination.GENESYS_CLOUD, text.strip())
    except UrlRefused as error:
        raise ValidationError(error.sentence) from error
    parts = urlsplit(text.strip())
    if parts.query:
        raise ValidationError("Leave out what follows the question mark: only scheme and host are needed.")
    origin = urlsplit(origin_of(text))
    path = _OWN_PATHS.sub("", parts.path.rstrip("/")).rstrip("/")
    return urlunsplit((origin.scheme, origin.netloc, path, "", ""))


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _domain(url: str) -> str:
    return _host(url).partition(".")[2] if prefix_of(url) else _host(url)
