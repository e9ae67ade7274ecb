"""What a person does at the keyboard, and what is wrong with the page in front of them."""

import os
from pathlib import Path
from typing import Any
from uuid import UUID

from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Locator, Page

from portal.accounts.models import User

#: More stops than any page has: whoever tabs that often goes round in circles.
MOST_TABS = 60
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_ALL = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": _TAGS}}
#: Tells the console of each violation, also of one that Chromium itself keeps quiet about.
_TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy violated: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`))"""
_EXPECTED = ("status of 404", "status of 403", "status of 409")  # Chromium reports an error page's own status


def _cookies_of(user: User, address: str) -> list[Any]:
    """The cookies of a signed-in browser."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    return [{"name": name, "value": client.cookies[name].value, "url": address}]


class Visit:
    """A page, driven by keys alone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self._who: UUID | None = None
        page.add_init_script(_TELL_VIOLATIONS)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(text in message.text for text in _EXPECTED):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def come_as(self, user: User | None, address: str) -> None:
        """Open the next page as somebody who has signed in at the portal of this address, or as a stranger."""
        if (who := user.pk if user else None) == self._who:
            return
        self._who = who
        # Away from a page that asks for news, lest it ask in another's name; within the portal, which is quicker.
        self.page.goto(f"{address}/healthz")
        self.page.context.clear_cookies()
        if user:
            self.page.context.add_cookies(_cookies_of(user, address))

    def tab_to(self, target: Locator) -> None:
        """Press Tab until the target has the focus."""
        for _ in range(MOST_TABS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")

    def type(self, name: str, text: str) -> None:
        """Write into the input of this name."""
        self.tab_to(self.page.locator(f"[name={name}]"))
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def press(self, label: str, role: Any = "button") -> None:
        """Press the button, or follow the link, of this label."""
        target = self.page.locator("main, body.entrance, body").last.get_by_role(role, name=label, exact=True)
        self.tab_to(target)
        self.page.keyboard.press("Enter")

    def follow(self, label: str, role: Any = "button") -> None:
        """Do the same, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.press(label, role)


def axe(page: Page) -> list[str]:
    """What axe finds on the page: rule and element."""
    if not page.evaluate("'axe' in window"):  # half a megabyte, parsed once for each page
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(results => results.violations)", _ALL)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def too_wide(page: Page) -> list[str]:
    """The elements that make the page scroll sideways."""
    script = """() => {
        const root = document.scrollingElement, width = root.clientWidth;
        if (root.scrollWidth <= width) return [];
        return [...document.querySelectorAll("main *, footer *")]
            .filter((e) => e.getBoundingClientRect().right > width + 1).map((e) => e.outerHTML.slice(0, 120));
    }"""
    found: list[str] = page.evaluate(script)
    return found


def broken_buttons(page: Page) -> list[str]:
    """The buttons whose one word stands on two lines."""
    script = """() => [...document.querySelectorAll("main .btn")]
        .filter((e) => e.offsetHeight > 48 && !/\\s/.test(e.innerText.trim())).map((e) => e.outerHTML.slice(0, 120))"""
    found: list[str] = page.evaluate(script)
    return found


def picture(page: Page, name: str) -> None:
    """Take a picture into the folder PORTAL_TEST_PICTURES, if it names one."""
    if folder := os.environ.get("PORTAL_TEST_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
