import pytest
from playwright.sync_api import expect

from portal.accounts.models import User
from portal.devtools.sandbox import gateways
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from tests.browser.visits import Visit
from tests.support.children import Restartable
from tests.support.stored import stored_values

pytestmark = pytest.mark.browser


def test_from_the_choice_to_the_run_and_a_good_rehearsal(  # noqa: PLR0917 - the parts of the scene
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
    visit.press("Set up with Custom gateway")
    visit.type("nexusURL", sandbox.url)
    visit.press("Save and go on")
    visit.type("asyncPhoneNumber", "16504661150\n12345")
    visit.type("asyncWebhookURL", f"{sandbox.url}/gateways/good")
    visit.press("Make a new Gateway API signature key")
    expect(page.get_by_text("A new key was made and stored")).to_be_visible()
    made = page.locator(".callout pre, .callout code").last.inner_text()
    assert stored_values(tenant_at_sandbox.pk, [Kind.GATEWAY_API_KEY]) == {"asyncAPISignatureKey": made}
    expect(page.locator("[name=asyncPhoneNumber]")).to_have_value("16504661150\n12345")
    visit.type("asyncWebhookSignatureKey", gateways.SECRET)
    visit.press("Save and go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("HTTP headers")
    visit.type("headers", "custom-header-for-async-1 = 12345")
    visit.press("Save and go on")
    expect(page.get_by_role("heading", level=1)).to_have_text("Review")
    assert sandbox.ledger() == []
    visit.press("Run the set-up")
    expect(page.locator("#run[data-state=succeeded]")).to_be_visible()
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["created Async", "created SMS"]
    visit.press("Rehearse the webhook", "link")
    visit.press("Rehearse now")
    expect(page.locator("#rehearsal[data-state=done]")).to_be_visible()
    expect(page.locator("#rehearsal .tone-bad")).to_have_count(0)
    assert sandbox.ledger()[-2]["headers"]["custom-header-for-async-1"] == "12345"
    assert [line["status"] for line in sandbox.ledger()[-2:]] == [200, 403]
    assert visit.complaints == []
