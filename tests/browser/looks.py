"""A page in two opposite looks, one after the other; no reload, as when a window is drawn narrower."""

from zlib import crc32

from playwright.sync_api import Page

from tests.browser.visits import axe, picture, too_wide

#: The next page has the other two: what pages share is seen in all four, and axe, which takes long, asked less often.
_PAIRS = [[("light", 360), ("dark", 1440)], [("light", 1440), ("dark", 360)]]


def problems_in_opposite_looks(page: Page, name: str) -> list[str]:
    """What is wrong with the page, each with the look; nothing if all is well. `name` decides which two it has."""
    found: list[str] = []
    for theme, width in _PAIRS[crc32(name.encode()) % len(_PAIRS)]:
        # Without motion, lest axe measure a colour on its way from one theme to the other.
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        picture(page, f"{name}-{theme}-{width}")
        found += [f"{name}-{theme}-{width}: {problem}" for problem in [*axe(page), *too_wide(page)]]
    return found
