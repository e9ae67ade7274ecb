"""Enter in a field, in a real browser: it declines at most; it never approves, buys, releases, archives or disables."""

import pytest
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import command_line
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.browser.test_numbers_are_ordered_by_keyboard import Open, open_for, shop  # noqa: F401 - fixtures
from tests.browser.visits import Visit
from tests.tollfree.inventory.stories import owned
from tests.tollfree.orders import buying
from tests.tollfree.orders.buying import NUMBER, OTHER
from tollfree.orders.actions import draft_orders
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import Rate, Release
from tollfree.orders.releases import actions

pytestmark = pytest.mark.browser

COST = "1 × 2.00 USD a month"


def enter(visit: Visit, url: str, **texts: str) -> None:
    """Type into the page's fields, press Enter in the last of them, and wait for whatever comes of it."""
    visit.page.goto(url)
    for name, text in texts.items():
        visit.page.locator(f"main [name={name}]").fill(text)
    visit.page.keyboard.press("Enter")
    visit.page.wait_for_timeout(1_000)


def test_enter_in_the_reason_declines(
    open_for: Open,  # noqa: F811 - the fixture
    representative: User,
    administrator: User,
    shop: Tenant,  # noqa: F811 - the fixture
) -> None:
    rep, visit = person(representative), open_for(administrator)
    order = buying.order(rep, shop, OTHER, cost=COST)
    buying.go_now(buying.go_now(order))
    SenderId.objects.all().delete()
    set_policy(command_line(), shop, approve_from=1, approve_releases=True, monthly_cap=None)
    group = buying.group(rep, shop, NUMBER, cost=COST)
    release = actions.ask_release(rep, shop, OTHER, typed=OTHER, reason="closed")
    enter(visit, reverse("order_group", args=[group.pk]), reason="We do not need it")
    assert group.orders.get().state == "declined"
    enter(visit, reverse("release", args=[release.pk]), reason="Sales still uses it")
    release.refresh_from_db()
    assert release.state == "declined"


def test_enter_releases_buys_archives_and_disables_nothing(
    open_for: Open,  # noqa: F811 - the fixture
    representative: User,
    site_administrator: User,
    shop: Tenant,  # noqa: F811 - the fixture
) -> None:
    desk, site = open_for(representative), open_for(site_administrator)
    number = owned(shop, "18775550100")
    enter(desk, reverse("release_new", args=[number.pk]), reason="Over", typed="18775550100")
    assert not Release.objects.exists()
    desk.follow("Release +1 877 555 0100")
    assert Release.objects.exists()
    Rate.objects.all().delete()
    group = draft_orders(person(representative), shop, numbers=[NUMBER], form_token=shop.pk, reason="A hotline")
    desk.page.goto(reverse("order_group", args=[group.pk]))
    desk.page.locator("[name=accept_unknown_cost]").check()
    desk.page.keyboard.press("Enter")
    desk.page.wait_for_timeout(1_000)
    assert group.orders.get().state == "draft"
    enter(site, reverse("tenants:archive", args=[shop.pk]), reason="closed")
    enter(site, reverse("people:disable", args=[representative.pk]), reason="left")
    shop.refresh_from_db()
    representative.refresh_from_db()
    assert (shop.archived_at, representative.is_active) == (None, True)
    assert desk.complaints + site.complaints == []
