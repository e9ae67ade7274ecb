"""The static scripts in a real browser, on a small page of their own: no database, no server."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

STATIC = Path(__file__).resolve().parents[3] / "static"
ADDRESS = "http://localhost/"
PAGE = """<!DOCTYPE html><html lang="en"><title>x</title><script src="/theme.js"></script>
<p id="spoken" role="status"></p>
<button data-theme-choice="auto" aria-pressed="true">System</button><button data-theme-choice="dark">Dark</button>
<time datetime="2026-11-23T15:42:07Z" title="23 Nov 2026, 15:42:07 UTC" data-local="minutes">UTC</time>
<button data-copy="harbour-emea">Copy</button>
<div id="run"><details id="a"><summary>a</summary></details><details id="b" open><summary>b</summary></details></div>
<script src="/portal.js"></script></html>"""

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open the page in a browser of the given time zone and colours."""
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        context.route("**/*.js", lambda route: route.fulfill(path=STATIC / route.request.url.rsplit("/", 1)[1]))
        context.route(ADDRESS, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page = context.new_page()
        page.goto(ADDRESS)
        return page

    yield open_page
    for context in contexts:
        context.close()


def theme(page: Page) -> str | None:
    return page.locator("html").get_attribute("data-bs-theme")


@pytest.mark.parametrize(
    ("zone", "clock"), [("Europe/Berlin", "16:42"), ("America/New_York", "10:42"), ("Asia/Kolkata", "21:12")]
)
def test_a_time_is_shown_in_the_readers_zone_and_keeps_utc_on_hover(opened: Opened, zone: str, clock: str) -> None:
    time = opened(timezone_id=zone).locator("time")
    expect(time).to_have_text(f"23 Nov 2026, {clock}")
    expect(time).to_have_attribute("title", "23 Nov 2026, 15:42:07 UTC")


def test_copying_copies_and_says_so(opened: Opened) -> None:
    page = opened()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "harbour-emea"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_colours_follow_the_system_until_the_reader_chooses(opened: Opened, colours: str) -> None:
    assert theme(opened(color_scheme=colours)) == colours


def test_a_choice_of_colours_outlives_the_page(opened: Opened) -> None:
    page = opened(color_scheme="light")
    page.get_by_role("button", name="Dark").click()
    assert theme(page) == "dark"
    page.reload()
    assert theme(page) == "dark"
    expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="System").click()
    assert theme(page) == "light"


def test_what_the_reader_opened_or_closed_stays_so_over_a_refresh(opened: Opened) -> None:
    page = opened()
    page.locator("#a summary").click()
    page.locator("#b summary").click()
    page.evaluate(
        """html => {
            const run = document.getElementById("run");
            run.dispatchEvent(new CustomEvent("htmx:beforeSwap", {bubbles: true, detail: {target: run}}));
            run.innerHTML = html;
            run.dispatchEvent(new CustomEvent("htmx:afterSwap", {bubbles: true}));
        }""",
        '<details id="a"><summary>a</summary></details><details id="b" open><summary>b</summary></details>',
    )
    expect(page.locator("#a")).to_have_attribute("open", re.compile(""))
    expect(page.locator("#b")).not_to_have_attribute("open", re.compile(""))
