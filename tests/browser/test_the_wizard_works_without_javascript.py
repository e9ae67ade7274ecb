import pytest
from playwright.sync_api import Page, expect

from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.provisioning.kaleyra import KALEYRA_URL
from tests.support.children import Restartable, wait_for

pytestmark = pytest.mark.browser


def test_to_the_end_of_the_run_with_plain_refreshes(
    page_without_scripts: Page, tenant_at_sandbox: Tenant, worker: Restartable, sandbox: Control
) -> None:
    page = page_without_scripts
    page.goto(f"/tenants/{tenant_at_sandbox.pk}/")
    page.get_by_role("link", name="Set up SMS").click()
    page.get_by_role("button", name="Set up with Kaleyra").click()
    page.get_by_role("button", name="Save and go on").click()
    page.locator("[name=kaleyraURL]").fill(KALEYRA_URL)
    page.locator("[name=kaleyraUserName]").fill("acme-sms")
    page.locator("[name=kaleyraPassword]").fill("kaleyra-password")
    page.get_by_role("button", name="Save and go on").click()
    page.locator("[name=tfn]").fill("16504661140")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_role("button", name="Run the set-up").click()

    expect(page.locator("#run")).to_be_attached()  # a reload would break off the way there

    def refreshed() -> bool:
        page.reload()
        return page.locator("#run[data-state=succeeded]").count() == 1

    wait_for(refreshed, "the run")
    page.locator("#run details summary").first.click()
    expect(page.locator("#run details").first).to_contain_text("x-api-key: $apiKey")
    assert len(sandbox.ledger(effects=True)) == 2
