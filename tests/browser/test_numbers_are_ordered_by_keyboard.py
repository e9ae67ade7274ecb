"""An order at the keyboard: search, pick, confirm, watch, get the draft; two people; and how the pages look."""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, expect

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.browser.looks import problems_in_opposite_looks
from tests.browser.visits import Visit
from tests.provisioning import kaleyra
from tests.provisioning.genesys_cloud import cloud
from tests.tollfree.inventory.stories import NUMBER, OTHER, owned
from tests.tollfree.orders import buying
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import EvidenceKind, NumberOrder, OrderGroup, Release
from tollfree.orders.pricing import set_rate
from tollfree.orders.review import decide_placed

pytestmark = pytest.mark.browser

Open = Callable[[User], Visit]


@pytest.fixture
def open_for(browser: Browser, live_portal: str) -> Iterator[Open]:
    """Give a person a browser of their own."""
    contexts = []

    def open_one(user: User) -> Visit:
        contexts.append(browser.new_context(base_url=live_portal, reduced_motion="reduce"))
        contexts[-1].set_default_timeout(15_000)
        visit = Visit(contexts[-1].new_page())
        visit.come_as(user, live_portal)
        return visit

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def shop(tenant_at_sandbox: Tenant, administrator: User, wake_ups: list[str]) -> Tenant:
    """Acme, set up with Genesys Cloud CX at the sandbox, and a rate."""
    kaleyra.run(cloud.queued(person(administrator), tenant_at_sandbox))
    set_rate(command_line(), valid_from=timezone.localdate(), monthly=Decimal("2.00"), currency="USD")
    return tenant_at_sandbox


def do_what_is_due() -> None:
    """What a worker of orders does."""
    for order in NumberOrder.objects.exclude(due_at=None):
        buying.go_now(order)


def pick(visit: Visit, tenant: Tenant, *numbers: str) -> None:
    page = visit.page
    page.goto(reverse("numbers:search", args=[tenant.pk]))
    visit.type("count", str(len(numbers)))
    page.keyboard.press("Enter")
    for number in numbers:
        visit.tab_to(page.locator(f"[value='{number}']"))
        page.keyboard.press("Space")
    visit.tab_to(page.locator(".picked-bar button"))
    page.keyboard.press("Enter")
    visit.type("reason", "Support line")
    visit.type("comment", "Hotline")
    visit.press("Go on to confirm")


def test_from_the_search_to_the_draft_of_the_sender_id(
    open_for: Open, representative: User, shop: Tenant, sandbox: Control
) -> None:
    sandbox.genesys_cloud.offer(NUMBER)
    visit = open_for(representative)
    pick(visit, shop, NUMBER)
    visit.press("Order 1 number, 1 × 2.00 USD a month")
    order = visit.page.locator("#order")
    expect(order).to_have_attribute("data-state", "queued")
    do_what_is_due()
    expect(order).to_have_attribute("data-state", "placed")
    do_what_is_due()
    expect(order).to_have_attribute("data-state", "completed", timeout=10_000)
    visit.press("Sender ID", "link")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("+1 844 555 1212")
    assert buying.posts(sandbox) == 1
    assert visit.complaints == []


def test_a_second_person_approves_and_ones_own_is_refused(
    open_for: Open, representative: User, administrator: User, shop: Tenant, sandbox: Control
) -> None:
    set_policy(command_line(), shop, approve_from=2, approve_releases=False, monthly_cap=None)
    sandbox.genesys_cloud.offer(NUMBER, OTHER)
    mine, theirs = open_for(representative), open_for(administrator)
    pick(mine, shop, NUMBER, OTHER)
    mine.press("Ask for approval")
    expect(mine.page.locator("main")).to_contain_text("Nobody approves what they asked for themselves")
    expect(mine.page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    theirs.page.goto(reverse("notices:page"))
    theirs.press("Order to approve", "link")
    theirs.press("Approve")
    expect(theirs.page.locator("#together")).to_contain_text("Queued")
    do_what_is_due()
    expect(theirs.page.locator("#together")).to_contain_text("Genesys Cloud took the order.")
    assert buying.posts(sandbox) == 2
    assert mine.complaints + theirs.complaints == []


def test_nothing_is_wrong_with_any_of_the_pages(
    open_for: Open, representative: User, administrator: User, shop: Tenant, sandbox: Control
) -> None:
    rep, visit = person(representative), open_for(administrator)
    set_policy(command_line(), shop, approve_from=2, approve_releases=True, monthly_cap=None)
    cost = {"cost": "1 × 2.00 USD a month"}
    sandbox.fault("reply_lost", match={"method": "POST", "path_contains": "tollfreenumbers"})
    orders = {number: buying.order(rep, shop, number, **cost) for number in (NUMBER, OTHER)}
    for order in orders.values():
        buying.go_now(order)
    first, other = orders.values()
    NumberOrder.objects.filter(pk=first.pk).update(state="under_review", due_at=None, sentence="Nobody knows.")
    first.evidence.create(at=timezone.now(), kind=EvidenceKind.NOT_LISTED, sentence="Look 1: it is not listed.")
    two = buying.group(rep, shop, "18885550100", "18885550101", cost="2 × 2.00 USD a month")
    found: list[str] = []
    rows = {"orders": shop, "order_policy": shop, "order_group": two, "order": other, "order_review": first}
    for name, row in rows.items():
        visit.page.goto(reverse(name, args=[row.pk]))
        found += problems_in_opposite_looks(visit.page, name)
    visit.page.goto(reverse("rates"))
    found += problems_in_opposite_looks(visit.page, "orders-rates")
    visit.page.goto(reverse("notices:page"))
    found += problems_in_opposite_looks(visit.page, "orders-waits")
    desk = open_for(representative)
    desk.page.goto(f"{reverse('order_new', args=[shop.pk])}?number=18335550111&number=18335550112")
    found += problems_in_opposite_looks(desk.page, "orders-order_new")
    desk.follow("Go on to confirm")
    found += problems_in_opposite_looks(desk.page, "orders-order_new-errors")
    desk.type("reason", "Night line")
    desk.follow("Go on to confirm")
    found += problems_in_opposite_looks(desk.page, "orders-order_group-confirm")
    number = owned(shop, "18775550100")
    desk.page.goto(reverse("release_new", args=[number.pk]))
    desk.type("reason", "Over")
    found += problems_in_opposite_looks(desk.page, "orders-release_new")
    desk.type("typed", "18775550100")
    desk.follow("Ask for approval")
    found += problems_in_opposite_looks(desk.page, "orders-release")
    Release.objects.update(state="under_review", due_at=None, sentence="Genesys Cloud does not list the number.")
    desk.page.reload()
    found += problems_in_opposite_looks(desk.page, "orders-release-under-review")
    decide_placed(rep, first, reason="I believe so.")
    for name in ("order", "order_review"):
        desk.page.goto(reverse(name, args=[first.pk]))
        found += problems_in_opposite_looks(desk.page, f"{name}-decided")
    assert Release.objects.exists()
    assert OrderGroup.objects.count() == 4
    assert found + visit.complaints + desk.complaints == []
