"""axe, the console, the content security policy and the width, on every page of option 3 and of the requests."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.sandbox.control import Control
from portal.sandbox.genesys_cloud.clients import VIEW
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from provisioning.checklists import tick
from provisioning.models import Setup
from provisioning.options.genesys_cloud.access import access_of
from tests.browser.looks import problems_in_opposite_looks
from tests.browser.visits import Visit, axe, cookies_of, picture, too_wide
from tests.provisioning.genesys_cloud import cloud
from tollfree.asking import answer_request, send_request
from tollfree.connection import check_connection
from tollfree.models import RequestKind, RequestState

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


def scenes(setup: Setup) -> dict[str, str]:
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


@pytest.fixture
def opened(browser: Browser, live_portal: str, administrator: User, request: pytest.FixtureRequest) -> Iterator[Page]:
    """The administrator's page in a theme and of a width."""
    theme, width = request.param
    context = browser.new_context(
        base_url=live_portal,
        color_scheme=theme,
        reduced_motion="reduce",  # axe must not measure a colour that is on its way to another
        viewport={"width": width, "height": 900},
    )
    context.add_cookies(cookies_of(administrator, live_portal))
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("opened", [("light", 1440)], indirect=True)
def test_nothing_is_wrong_with_any(settled: Setup, opened: Page) -> None:
    problems: list[str] = []
    visit = Visit(opened)
    for name, path in scenes(settled).items():
        opened.goto(path)
        problems += problems_in_opposite_looks(opened, name)
    assert problems + visit.complaints == []


@pytest.mark.parametrize("opened", [("light", 360)], indirect=True)
def test_a_failed_test_of_the_connection_reads_well(settled: Setup, opened: Page, sandbox: Control) -> None:
    sandbox.genesys_cloud.revoke(VIEW)
    visit = Visit(opened)
    opened.goto(reverse("setup_step", args=[settled.pk, "credentials"]))
    opened.get_by_role("button", name="Test connection").click()
    opened.get_by_text("Missing role or permission").wait_for()
    picture(opened, "gc-test-failed-light-360")
    assert [*axe(opened), *too_wide(opened), *visit.complaints] == []


@pytest.mark.parametrize("opened", [("light", 1440)], indirect=True)
def test_a_tick_needs_no_new_page(settled: Setup, opened: Page) -> None:
    opened.goto(reverse("setup_step", args=[settled.pk, "checklist"]))
    line = opened.locator("[id='genesys_cloud.client.3']")
    line.get_by_role("button", name="Tick off").click()
    line.get_by_text("by administrator@example.com").wait_for()
    line.get_by_role("button", name="Take back").click()
    line.get_by_role("button", name="Tick off").wait_for()
