"""A pack from the page to a verdict: asked for by keyboard, made by a live worker, downloaded, verified."""

import io
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from portal.accounts.models import User
from portal.audit.verifier import verify
from tests.browser.visits import Visit, axe, picture, too_wide
from tests.support.children import Restartable

pytestmark = pytest.mark.browser


def wrong_with(page: Page, name: str) -> list[str]:
    """What axe finds, and what is too wide, on a narrow light and on a wide dark page."""
    found = []
    for width, theme in ((360, "light"), (1600, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
        picture(page, f"{name}-{theme}-{width}")
        found += axe(page) + too_wide(page)
    return found


def test_from_the_page_to_a_pack_that_verifies(
    visit: Visit, auditor: User, live_portal: str, worker: Restartable, tmp_path: Path
) -> None:
    page = visit.page
    visit.come_as(auditor, live_portal)
    page.goto("/history/evidence/")
    visit.press("Make an evidence pack", "link")
    expect(page.get_by_role("heading", level=1)).to_have_text("Make an evidence pack")
    found = wrong_with(page, "pack-new")
    visit.press("Make the pack")
    ready = page.get_by_text("The pack is ready")
    expect(ready).to_be_visible(timeout=20_000)  # it refreshes itself
    found += wrong_with(page, "pack")
    with page.expect_download() as downloading:
        visit.press("Download the pack", "link")
    downloading.value.save_as(tmp_path / "pack.zip")
    verdict = verify.verify(io.BytesIO((tmp_path / "pack.zip").read_bytes()))
    assert (verdict.code, verdict.problems) == (verify.WHOLE, [])
    page.goto("/history/evidence/")
    expect(page.get_by_role("link", name="Download checkpoint 1", exact=True)).to_be_visible()
    found += wrong_with(page, "evidence")
    assert (found, visit.complaints) == ([], [])
