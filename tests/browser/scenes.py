"""Pages as somebody finds them, and what is wrong with any of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from playwright.sync_api import Page

from portal.accounts.models import User
from tests.browser.looks import problems_in_opposite_looks
from tests.browser.visits import Visit

Act = Callable[[Page], None]


@dataclass(frozen=True)
class Scene:
    """A page before somebody's eyes; `act` is what they do there first."""

    user: User | None
    name: str
    path: str
    act: Act | None = None


def unfold(page: Page) -> None:
    """Open all folds of the page."""
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")


def problems_of(visit: Visit, address: str, scenes: Iterable[Scene]) -> list[str]:
    """What is wrong with any of the pages that the portal of this address shows, one after the other in one window.

    A window for each would keep Chromium busier than all looks together.
    """
    problems: list[str] = []
    for scene in scenes:
        visit.come_as(scene.user, address)
        visit.page.goto(scene.path)
        if scene.act:
            scene.act(visit.page)
        problems += problems_in_opposite_looks(visit.page, scene.name)
    return problems + visit.complaints
