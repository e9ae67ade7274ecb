"""Option 3 at the keyboard: from the choice of the option to the three services, the connection tested on the way."""

import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_ORGANIZATION
from portal.tenants.models import Tenant
from tests.browser.visits import Visit
from tests.support.children import Restartable

pytestmark = pytest.mark.browser

CREATED = ["created PurecloudIDP", "created SMS", "created PorticoSMS"]


def test_from_the_choice_to_the_three_services(  # noqa: PLR0917 - the parts of the scene
    visit: Visit,
    administrator: User,
    tenant_at_sandbox: Tenant,
    worker: Restartable,
    sandbox: Control,
    live_portal: str,
) -> None:
    page = visit.page
    visit.come_as(administrator, live_portal)
    page.goto(f"/tenants/{tenant_at_sandbox.pk}/set-up/")
    visit.press("Set up with Genesys Cloud CX")
    visit.press("Save and go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Organisation")
    visit.type("orgId", DEMO_ORGANIZATION)
    visit.tab_to(page.locator("[name=region]"))
    page.keyboard.type("Other")
    visit.type("gcLoginURL", f"{sandbox.url}/login-host")
    visit.type("gcAPIURL", f"{sandbox.url}/api-host")
    visit.type("orgUsername", "admin-user")
    visit.press("Save and go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Genesys Cloud")
    visit.press("Save and go on")
    visit.type("clientId", DEMO_CLIENT_ID)
    visit.type("clientSecret", DEMO_CLIENT_SECRET)
    visit.press("Test connection")
    expect(page.locator("main .tone-good").first).to_be_visible()
    visit.press("Save and go on")
    visit.type("apikey", "9b7682b7-cbce-422f-9bbb-ecda85e61695")
    visit.press("Save and go on")
    visit.press("Save and go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Review")
    visit.press("Run the set-up")
    expect(page.locator("#run[data-state=succeeded]")).to_be_visible()
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == CREATED
    assert visit.complaints == []
