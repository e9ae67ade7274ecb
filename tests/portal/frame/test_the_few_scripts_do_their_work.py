"""The static scripts in a real browser, on a small page of their own: no database, no server."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, BrowserContext, Page, expect

ADDRESS = "http://localhost/"
PAGE = """<!DOCTYPE html><html lang="en"><title>x</title><script src="/theme.js"></script>
<p id="spoken" role="status"></p>
<button data-theme-choice="auto" aria-pressed="true">System</button><button data-theme-choice="dark">Dark</button>
<time id="at" datetime="2026-11-23T15:42:07Z" title="23 Nov 2026, 15:42:07 UTC" data-local="minutes">UTC</time>
<button data-copy="harbour-emea">Copy</button>
<button id="refresh">Refresh</button>
<div id="run" hx-get="/run" hx-trigger="click from:#refresh" hx-swap="outerHTML">FOLDS</div>
<script src="/htmx-2.min.js"></script><script src="/portal.js"></script></html>"""
FOLDS = '<details id="a"><summary>a</summary></details><details id="b" open><summary>b</summary></details>'
REFRESHED = f'<div id="run">refreshed {FOLDS} <time datetime="2026-11-23T15:42:07Z" data-local="clock">UTC</time></div>'

pytestmark = pytest.mark.browser
Opened = Callable[..., Page]


def script(name: str) -> Path:
    found = finders.find(name) or finders.find(f"django_htmx/{name}")
    assert found, name
    return Path(str(found))


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Open the page in a browser of the given time zone and colours."""
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(permissions=["clipboard-read", "clipboard-write"], **options)
        contexts.append(context)
        context.route("**/*.js", lambda route: route.fulfill(path=script(route.request.url.rsplit("/", 1)[1])))
        context.route(ADDRESS, lambda route: route.fulfill(body=PAGE.replace("FOLDS", FOLDS), content_type="text/html"))
        context.route("**/run", lambda route: route.fulfill(body=REFRESHED, content_type="text/html"))
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
    time = opened(timezone_id=zone).locator("#at")
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
    page = opened(timezone_id="Europe/Berlin")
    page.locator("#a summary").click()
    page.locator("#b summary").click()
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#run")).to_contain_text("refreshed")
    folds = page.evaluate("[...document.querySelectorAll('details')].map(fold => [fold.id, fold.open])")
    assert folds == [["a", True], ["b", False]]


def test_times_that_a_refresh_brings_are_localised_too(opened: Opened) -> None:
    page = opened(timezone_id="Europe/Berlin")
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("#run time")).to_have_text("16:42:07")
