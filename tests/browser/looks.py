"""A page in each theme and width, one after the other; no reload, as when a window is drawn narrower."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.visits import axe, picture, too_wide

WIDTHS = (360, 1440)
#: All that axe's rules read, but for the colours: the elements with their attributes and texts, and where they lie.
_SHAPE = """() => [document.documentElement.lang, document.title, document.body.outerHTML,
    ...[...document.body.querySelectorAll("*")].map((element) => {
        const box = element.getBoundingClientRect(), style = getComputedStyle(element);
        return [box.x, box.y, box.width, box.height, style.display, style.visibility, style.opacity].join();
    })].join("\\n")"""


def problems_in_every_look(page: Page, name: str) -> dict[str, list[str]]:
    """What is wrong with the page, by look; nothing if all is well.

    Where the dark page has the shape of the light one, which only a page that lives may not have, axe need not be
    asked twice about anything but its colours.
    """
    problems: dict[str, list[str]] = {}
    shapes: dict[int, Any] = {}
    for theme in ("light", "dark"):
        # Without motion, lest axe measure a colour on its way from one theme to the other.
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            picture(page, f"{name}-{theme}-{width}")
            shape = page.evaluate(_SHAPE)
            if found := [*axe(page, colours_only=shape == shapes.get(width)), *too_wide(page)]:
                problems[f"{name}-{theme}-{width}"] = found
            shapes[width] = shape
    return problems
