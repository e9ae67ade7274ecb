import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.browser.visits import Visit
from tests.provisioning.kaleyra import KALEYRA_URL
from tests.support.cast import PASSWORD
from tests.support.children import Restartable

pytestmark = pytest.mark.browser


def test_from_the_sign_in_to_both_services(
    visit: Visit, administrator: User, tenant_at_sandbox: Tenant, worker: Restartable, sandbox: Control
) -> None:
    page = visit.page
    sandbox.settings(latency_ms=400)
    page.goto("/")
    visit.type("login", administrator.email)
    visit.type("password", PASSWORD)
    page.keyboard.press("Enter")
    visit.press("Acme", "link")
    visit.press("Set up SMS", "link")
    visit.press("Set up with Kaleyra")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prerequisites")
    visit.type("nexusURL", sandbox.url)
    visit.press("Save and go on")
    visit.type("kaleyraURL", KALEYRA_URL)
    visit.type("kaleyraUserName", "acme-sms")
    visit.type("kaleyraPassword", "kaleyra-password")
    page.keyboard.press("Enter")
    visit.type("tfn", "16504661140")
    visit.press("Save and go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Review")
    assert sandbox.ledger() == []
    loads: list[str] = []
    visit.press("Run the set-up")
    expect(page.locator("#run")).to_be_visible()
    page.on("load", lambda loaded: loads.append(loaded.url))
    expect(page.locator("#run[data-state=succeeded]")).to_be_visible()
    expect(page.locator("#run .run-head")).to_contain_text("Succeeded")
    assert loads == []
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["created SMS", "created mGageSMS"]
    assert visit.complaints == []


def test_an_error_is_reached_from_its_summary(visit: Visit, administrator: User, tenant: Tenant) -> None:
    page = visit.page
    page.goto(f"/tenants/{tenant.pk}/set-up/")
    visit.type("login", administrator.email)
    visit.type("password", PASSWORD)
    page.keyboard.press("Enter")
    visit.press("Set up with Kaleyra")
    visit.type("ccid", "45acae06")
    visit.press("Save and go on")
    visit.press("Contact centre id", "link")
    expect(page.locator("[name=ccid]")).to_be_focused()
    expect(page.locator("[name=ccid]")).to_have_value("45acae06")
