import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from portal.tenants.models import Tenant
from senders.models import SenderId
from senders.options_block import render
from tests.browser.visits import Visit

pytestmark = pytest.mark.browser


def test_from_the_number_to_the_tick(visit: Visit, administrator: User, tenant: Tenant, live_portal: str) -> None:
    page = visit.page
    visit.come_as(administrator, live_portal)
    page.goto(f"/tenants/{tenant.pk}/senders/")
    visit.press("Add a sender ID", "link")
    visit.type("number", "+1 650 466 1149")
    visit.type("section", "SMS_Main_Corporate")
    visit.type("endpoint", "MainRouting")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("+1 650 466 1149")
    visit.type("block", render(SenderId.objects.get()).replace("media = chat", "media = mail"))
    visit.press("Compare")
    expect(page.locator("#compared")).to_contain_text("Another value")
    expect(page.locator("#compared")).to_be_in_viewport()
    visit.type("block", render(SenderId.objects.get()))
    visit.press("Compare")
    expect(page.locator("#compared")).to_contain_text("Every line is as it should be")
    visit.press("It is done")
    expect(page.get_by_text(f"ticked off by {administrator.email}")).to_be_visible()
    assert visit.complaints == []


def test_a_pasted_list_is_checked_mended_and_added(
    visit: Visit, administrator: User, tenant: Tenant, live_portal: str
) -> None:
    page = visit.page
    visit.come_as(administrator, live_portal)
    page.goto(f"/tenants/{tenant.pk}/senders/")
    visit.press("Add several", "link")
    visit.type("rows", "16504661149,Support,Main\n999,Bad One,Main\n")
    visit.press("Check")
    expect(page.get_by_text("1 of 2 rows needs a change")).to_be_visible()
    expect(page.get_by_role("button", name="Add the 1 good row")).to_be_visible()
    visit.type("rows", "16504661149,Support,Main\n12345,Short,Main\n")
    visit.press("Add the 1 good row")
    expect(page.get_by_text("All rows are right")).to_be_visible()  # what was changed is checked again
    visit.press("Add all 2")
    expect(page.get_by_text("2 sender IDs were added.")).to_be_visible()
    assert visit.complaints == []
