"""axe, the console and the width on the pages of toll-free numbers and of what waits, in both themes and two widths."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from genesys_cloud.access import Access, access_of
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.browser.looks import problems_in_opposite_looks
from tests.browser.visits import Visit
from tests.provisioning import kaleyra
from tests.provisioning.genesys_cloud import cloud
from tests.tollfree.inventory.stories import NUMBER, OTHER, an_order, owned, refreshed
from tollfree.inventory.actions import explain, track_verification
from tollfree.inventory.models import InventoryRefresh, OwnedNumber, Verification
from tollfree.inventory.order_hooks import take_in
from tollfree.inventory.sync import refresh
from tollfree.orders.states import OrderState
from tollfree.requests.actions import send_request
from tollfree.requests.models import RequestKind

pytestmark = pytest.mark.browser

Act = Callable[[], None]


@pytest.fixture
def client(actor: Actor, tenant_at_sandbox: Tenant, wake_ups: list[str]) -> Access:
    """Acme, set up with Genesys Cloud CX at the sandbox: its client, as the portal finds it."""
    kaleyra.run(cloud.queued(actor, tenant_at_sandbox))
    access = access_of(tenant_at_sandbox)
    assert access is not None
    return access


@pytest.fixture
def visit(visit: Visit, live_portal: str, representative: User) -> Visit:
    """The representative's visit."""
    visit.come_as(representative, live_portal)
    return visit


@pytest.fixture
def stock(client: Access, representative: User, actor: Actor, sandbox: Control) -> OwnedNumber:
    """Numbers in all states; the one that is returned has a long story."""
    tenant, rep = Tenant.objects.get(), person(representative)
    sandbox.genesys_cloud.put_number(OTHER, comment="Bought by hand, long before anybody thought of a portal")
    sandbox.genesys_cloud.put_number("18885550100", comment="Returns")
    refreshed(representative, tenant)
    explain(rep, tenant, [OwnedNumber.objects.get(number="18885550100")], "Ported in last year.")
    owned(tenant, "18665550100", gone_since=timezone.now(), status="ACTIVE", comment="Night line")
    owned(tenant, "18775550100", released_at=timezone.now(), gone_since=timezone.now() + timedelta(seconds=1))
    taken = take_in(an_order(client))
    track_verification(rep, taken, Verification.FORM_SENT, note="Sent to Genesys, with the screenshot of the opt-in.")
    track_verification(rep, taken, Verification.NEEDS_ANSWER, note="Which web site shows the terms?")
    send_request(actor, tenant, kind=RequestKind.SHORT_CODE, note="five digits")
    return taken


def test_nothing_is_wrong_with_any_of_them(visit: Visit, stock: OwnedNumber, client: Access, sandbox: Control) -> None:
    page, found = visit.page, list[str]()
    numbers = reverse("numbers:list", args=[client.tenant_id])
    search = reverse("numbers:search", args=[client.tenant_id])
    sandbox.genesys_cloud.offer("18442225563", "18332225563")
    an_order(client, "18332225563", OrderState.AWAITING_APPROVAL)
    for name, path in {
        "numbers": numbers,
        "number": reverse("numbers:page", args=[stock.pk]),
        "search-found": f"{search}?count=5&vanity=callme&number=18445550199",
        "search-errors": f"{search}?count=500&vanity=abc&number=18445550199",
        "waits": reverse("notices:page"),
    }.items():
        page.goto(path)
        found += problems_in_opposite_looks(page, f"numbers-{name}")
    InventoryRefresh.objects.update(ok=False, sentence="It broke. What was known before is kept.")
    page.goto(numbers)
    page.get_by_role("button", name="Explain the picked ones").click()
    found += problems_in_opposite_looks(page, "numbers-list-failed")
    assert found + visit.complaints == []


def test_numbers_are_picked_and_counted_and_a_new_search_keeps_them(
    visit: Visit, client: Access, sandbox: Control
) -> None:
    sandbox.genesys_cloud.offer(NUMBER, OTHER)
    page = visit.page
    page.goto(reverse("numbers:search", args=[client.tenant_id]))
    visit.type("vanity", "callme")
    expect(page.get_by_text("CALLME is 225563 on the keypad.")).to_be_visible()
    visit.type("vanity", "")
    page.keyboard.press("Backspace")
    visit.type("count", "2")
    page.keyboard.press("Enter")
    for number in (NUMBER, OTHER):
        visit.tab_to(page.locator(f"[value='{number}']"))
        page.keyboard.press("Space")
    expect(page.locator("[data-picked-count]")).to_have_text("2")
    visit.type("vanity", "callme")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Picked before")).to_be_visible()
    expect(page.locator("[name=number]:checked")).to_have_count(2)
    expect(page.locator("mark").first).to_have_text("22 5563")
    assert visit.complaints == []


def test_a_refresh_shows_its_end_by_itself(
    visit: Visit, client: Access, representative: User, sandbox: Control
) -> None:
    sandbox.genesys_cloud.put_number(NUMBER)
    page = visit.page
    page.goto(reverse("numbers:list", args=[client.tenant_id]))
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_text("The list is being refreshed")).to_be_visible()
    refresh(InventoryRefresh.objects.get().pk)
    expect(page.get_by_role("link", name="+1 844 555 1212").first).to_be_visible()
    assert visit.complaints == []
