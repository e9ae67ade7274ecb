from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from portal.accounts.models import User
from tests.browser.visits import Visit
from tests.support.wake_ups import heard


@pytest.fixture
def visit(page: Page) -> Visit:
    """A visit of the live portal by somebody who has not signed in; what the browser complains about is collected."""
    return Visit(page)


@pytest.fixture
def page_without_scripts(browser: Browser, live_portal: str, administrator: User) -> Iterator[Page]:
    """The administrator's page in a browser in which JavaScript is off."""
    context = browser.new_context(base_url=live_portal, java_script_enabled=False)
    context.set_default_timeout(10_000)
    visit = Visit(context.new_page())
    visit.come_as(administrator, live_portal)
    yield visit.page
    context.close()


@pytest.fixture
def wake_ups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were published, instead of a queue that a live worker listens to."""
    return heard(monkeypatch)
