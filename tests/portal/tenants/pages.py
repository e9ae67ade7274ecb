"""Reading the tenants' pages in tests."""

from typing import Any, Protocol

from bs4 import BeautifulSoup

from tests.portal.tenants.conftest import KNOWN_HOST
from tests.support.cast import CCID


class Page(Protocol):
    """An answer of the test client."""

    @property
    def content(self) -> bytes:
        """Its body."""


def fields(**changed: Any) -> dict[str, str]:
    """What a valid form sends."""
    valid = {"name": "Acme", "ccid": CCID, "nexus_url": f"https://{KNOWN_HOST}", "nexus_api_key": "a-key"}
    return {name: str(value) for name, value in (valid | changed).items()}


def soup(response: Page) -> BeautifulSoup:
    """The page, parsed."""
    return BeautifulSoup(response.content, "html.parser")


def error_at(response: Page, field: str) -> str:
    """What the page says is wrong at a field; "" if nothing."""
    found = soup(response).select_one(f"#id_{field}_error")
    return found.get_text(" ", strip=True) if found else ""


def said(response: Page) -> str:
    """All text of the page."""
    return soup(response).get_text(" ", strip=True)
