import pytest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from tests.browser.visits import Visit, axe, too_wide

pytestmark = [pytest.mark.browser]


def test_an_auditor_filters_opens_a_diff_and_sees_its_proof(
    visit: Visit, live_portal: str, auditor: User, administrator: User, tenant: Tenant
) -> None:
    edit_tenant(person(administrator), tenant, name="Acme Telephone")
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 800})
    visit.come_as(auditor, live_portal)
    page.goto("/")
    assert axe(page) == []
    visit.press("Read the history", "link")
    page.wait_for_url("**/history/")
    visit.type("q", "telephone")
    visit.press("Filter")
    page.wait_for_url("**/history/?*q=telephone*")
    assert page.locator("main table.list tbody tr").count() == 1
    assert axe(page) == []
    assert too_wide(page) == []
    opened = page.locator("main td[data-label=When] a")
    visit.tab_to(opened)
    page.keyboard.press("Enter")
    page.wait_for_url("**/history/*/*/")
    assert "name: Acme → Acme Telephone" in page.locator("main").inner_text()
    assert axe(page) == []
    assert too_wide(page) == []
    assert visit.complaints == []
