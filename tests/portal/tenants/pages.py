"""Reading the tenants' pages in tests."""

from typing import Any

from bs4 import BeautifulSoup
from django.http import HttpResponse

from tests.portal.tenants.conftest import KNOWN_HOST
from tests.support.cast import CCID


def fields(**changed: Any) -> dict[str, str]:
    """What a valid form sends."""
    valid = {"name": "Acme", "ccid": CCID, "nexus_url": f"https://{KNOWN_HOST}", "nexus_api_key": "a-key"}
    return {name: str(value) for name, value in (valid | changed).items()}


def soup(response: HttpResponse) -> BeautifulSoup:
    """The page, parsed."""
    return BeautifulSoup(response.content, "html.parser")


def error_at(response: HttpResponse, field: str) -> str:
    """What the page says is wrong at a field; "" if nothing."""
    found = soup(response).select_one(f"#id_{field}_error")
    return found.get_text(" ", strip=True) if found else ""


def said(response: HttpResponse) -> str:
    """All text of the page."""
    return soup(response).get_text(" ", strip=True)
