"""Fixtures of the real browser: the system's Chromium, driven by Playwright; skipped where there is none."""

import asyncio
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

#: The first that is found. The headless shell is the same engine without what nobody sees: a third less CPU.
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = (
    "--no-sandbox",  # continuous integration runs as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",  # nothing leaves loopback
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    executable = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if executable is None:
        pytest.skip(f"no Chromium on the PATH (looked for {', '.join(_NAMES)})")
    # Playwright's event loop lives in this thread, and Django would refuse its own queries beside it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(_ARGUMENTS))
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_portal: str) -> Iterator[Page]:
    """An empty page of a browser that remembers nothing; `page.goto("/")` opens the live portal."""
    context = browser.new_context(base_url=live_portal, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def no_event_loop() -> Iterator[None]:
    """The thread as it is without Playwright, whose event loop stays in it once a browser has been used.

    Ask for it before the database: Django has other connections beside an event loop.
    """
    here = asyncio._get_running_loop()  # noqa: SLF001 - public in all but its name: asyncio documents it for event loops
    asyncio._set_running_loop(None)  # noqa: SLF001 - the same
    yield
    asyncio._set_running_loop(here)  # noqa: SLF001 - the same
