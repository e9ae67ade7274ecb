"""axe, the console, the content security policy and the width, on every page of option 3 and of the requests."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from genesys_cloud.connection_test import check_connection
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import VIEW
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.options.genesys_cloud.access import access_of
from provisioning.services.checklists import tick
from tests.browser.scenes import Scene, problems_of
from tests.browser.visits import Visit
from tests.provisioning.genesys_cloud import cloud
from tollfree.requests.actions import answer_request, send_request
from tollfree.requests.models import RequestKind, RequestState

pytestmark = pytest.mark.browser


@pytest.fixture
def settled(  # noqa: PLR0917 - the parts
    live_portal: str,
    actor: Actor,
    tenant_at_sandbox: Tenant,
    representative: User,
    sandbox: Control,
    wake_ups: list[str],
) -> Setup:
    """A complete draft with ticks, a password that waits, a good test, and requests in several states."""
    setup = cloud.complete_draft(actor, tenant_at_sandbox)
    sandbox.genesys_cloud.put_number(cloud.NUMBER)
    store_credential(actor, tenant_at_sandbox.pk, Kind.ORG_PASSWORD, cloud.PASSWORD)
    access = access_of(setup)
    assert access is not None
    check_connection(actor, tenant_at_sandbox, access)
    for number in (1, 2):
        tick(actor, tenant_at_sandbox, f"genesys_cloud.role.{number}", "a step")
    send_request(actor, tenant_at_sandbox, kind=RequestKind.ORGANISATION, note="For the Dublin site.")
    asked = send_request(actor, tenant_at_sandbox, kind=RequestKind.TEXT_ENABLING, number="18445551212")
    answer_request(person(representative), asked, state=RequestState.ANSWERED, answer="Whose number is it?")
    return setup


def paths(setup: Setup) -> dict[str, str]:
    """The pages, by name."""
    steps = {f"gc-{key}": reverse("setup_step", args=[setup.pk, key]) for key in cloud.answers(setup.tenant)}
    asked = {
        f"request-{row.kind}": reverse("tollfree:request", args=[row.pk]) for row in setup.tenant.number_requests.all()
    }
    return {
        **steps,
        **asked,
        "gc-tenant": reverse("tenant", args=[setup.tenant_id]),
        "gc-review": reverse("setup_review", args=[setup.pk]),
        "gc-make-key": reverse("genesys_cloud_make_key", args=[setup.pk]),
        "gc-password": reverse("genesys_cloud_password", args=[setup.tenant_id]),
        "request-ask": reverse("tollfree:ask", args=[setup.tenant_id]),
        "requests": reverse("tollfree:requests"),
        "requests-settled": reverse("tollfree:requests") + "?settled=1",
    }


def test_nothing_is_wrong_with_any(settled: Setup, visit: Visit, live_portal: str, administrator: User) -> None:
    scenes = [Scene(administrator, name, path) for name, path in paths(settled).items()]
    assert problems_of(visit, live_portal, scenes) == []


def test_a_failed_test_of_the_connection_reads_well(
    settled: Setup, visit: Visit, live_portal: str, administrator: User, sandbox: Control
) -> None:
    sandbox.genesys_cloud.revoke(VIEW)

    def test_connection(page: Page) -> None:
        page.get_by_role("button", name="Test connection").click()
        page.get_by_text("Missing role or permission").wait_for()

    path = reverse("setup_step", args=[settled.pk, "credentials"])
    assert problems_of(visit, live_portal, [Scene(administrator, "gc-test-failed", path, test_connection)]) == []


def test_a_tick_needs_no_new_page(settled: Setup, visit: Visit, live_portal: str, administrator: User) -> None:
    opened = visit.page
    visit.come_as(administrator, live_portal)
    opened.goto(reverse("setup_step", args=[settled.pk, "checklist"]))
    line = opened.locator("[id='genesys_cloud.client.3']")
    line.get_by_role("button", name="Tick off").click()
    line.get_by_text("by administrator@example.com").wait_for()
    line.get_by_role("button", name="Take back").click()
    line.get_by_role("button", name="Tick off").wait_for()
