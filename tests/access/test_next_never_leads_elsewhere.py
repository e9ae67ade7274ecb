"""Every view that looks at `next`, found by asking all of them, and every known way to write an address elsewhere."""

import html
import re
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from django.http import HttpResponse

from tests.access.guests import Guest, doors
from tests.access.lines import Line
from tests.access.people import Who
from tests.access.walk import filled
from tests.access.world import World

pytestmark = pytest.mark.sweep

WITHIN = "/tenants/?taken=1"
EVIL = "evil.example"
ELSEWHERE = [
    *(f"{scheme}{EVIL}/" for scheme in ("//", "///", "////", "https://", "http://", "https:", "http:///", "ftp://")),
    *(
        f"{slashes}{EVIL}"
        for slashes in ("/\\", "\\/", "\\\\", "/\\/", "\\\\\\", "/\t/", "/\n/", "\t//", "\n//", " //")
    ),
    *(f"{spaces}https://{EVIL}" for spaces in ("\t", "\r\n", "\x00", "\x01", "\u00a0", "\u2028")),
    *(f"{coded}{EVIL}" for coded in ("%2f%2f", "%5c%5c", "%09//", "/%09/", "https%3a//", "%252f%252f")),
    *(f"ht{gap}tps://{EVIL}" for gap in ("\t", "\n", "\r")),
    f"https://testserver@{EVIL}",
    f"//testserver@{EVIL}",
    f"//testserver:80@{EVIL}/",
    f"https://testserver.{EVIL}",
    f"https://{EVIL}#testserver",
    f"https://{EVIL}?testserver",
    f"https://{EVIL}\\@testserver",
    f"//{EVIL}\\testserver",
    f"//{EVIL}%00testserver",
    f"\uff0f\uff0f{EVIL}",
    "//evil\uff0eexample",
    f"https:/\\{EVIL}",
    "//[::1",
    "https://[evil",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "x" * 9_000,
]
#: What no spelling hides: a page that holds none of these has no link to any of them.
_BAITS = re.compile(rb"evil|alert|passwd|vbscript|::1|xxxx")

#: Attributes that lead somewhere, however their value is quoted.
_LINKS = re.compile(r"""\b(?:href|action|formaction|src)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)


def send(guest: Guest, line: Line, method: str, path: str, target: str) -> Any:
    """Send `next` in the query and in the form."""
    body = filled(line.body, guest.world.ours) | {"next": target}
    return guest.send(method, f"{path}?{urlencode({'next': target}, errors='surrogatepass')}", urlencode(body))


def taken(answer: Any) -> bool:
    """Whether the view looked at `next`: it leads there, or its page does."""
    return "taken=1" in answer.headers.get("Location", "") or b"taken=1" in _text(answer)


def _text(answer: Any) -> bytes:
    """What the page says; a download is no page."""
    return bytes(getattr(answer, "content", b""))


def _of_the_sign_in(line: Line) -> bool:
    """Whether it is a page of allauth: they all ask our adapter, so one page tries all, and each a few."""
    return line.name.startswith(("account_", "mfa_")) and line.name != "account_login"


def leads_elsewhere(answer: Any, path: str) -> str:
    """Where a browser would go that follows the answer, if that is another site."""
    page = _text(answer).decode() if _BAITS.search(_text(answer)) else ""
    links = [html.unescape(link) for quoted in _LINKS.findall(page) for link in quoted]
    targets = [answer.headers.get("Location"), answer.headers.get("HX-Redirect"), *links]
    return next((str(each) for each in targets if each and not _stays(str(each), path)), "")


def _stays(target: str, path: str) -> bool:
    """Read an address as browsers do: leading and inner control characters go, backslashes are slashes."""
    shown = re.sub(r"[\t\r\n]", "", target.lstrip("".join(map(chr, range(33))))).replace("\\", "/")
    shown = re.sub(r"^//+", "//", re.sub(r"^(https?:)/*", r"\1//", shown))
    try:
        parts = urlsplit(urljoin(f"http://testserver{path}", shown))
    except ValueError:
        return False
    return target.startswith("data:image/") or (parts.scheme == "http" and parts.netloc == "testserver")


def test_no_spelling_leads_away(world: World) -> None:
    problems, takers = [], set()
    for method in ("GET", "POST"):
        for guest, line, path in doors(world, method, (Who.ANONYMOUS,)):
            if not taken(send(guest, line, method, path, WITHIN)):
                continue
            takers.add(line.name)
            for target in ELSEWHERE[:: 16 if _of_the_sign_in(line) else 1]:
                answer = send(guest, line, method, path, target)
                if answer.status_code >= 500 or (away := leads_elsewhere(answer, path)):
                    problems.append(f"{method} {line.name} {target[:60]!r}: {answer.status_code} {away[:80]}")
    assert takers >= {"account_login", "genesys_cloud_tick"}
    assert not problems


def test_the_check_itself_sees_what_leads_away() -> None:
    evident = [target for target in ELSEWHERE if EVIL in target and "%" not in target and target.isascii()]
    assert len(evident) > 25
    assert not [target for target in evident if _stays(target, "/tenants/")]
    page = '<a href="/tenants/">x</a><a class="x" href=\'{}\'>y</a>'
    for target in ("//evil.example", "https&#x3A;//evil.example/?a&amp;b"):
        assert leads_elsewhere(HttpResponse(page.format(target)), "/tenants/") == html.unescape(target)
