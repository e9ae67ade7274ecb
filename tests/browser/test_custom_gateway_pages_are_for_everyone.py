"""axe, the console and the width on the pages of options, gateways and sender IDs, in both themes and two widths."""

from collections.abc import Callable
from functools import partial

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.options.custom_gateway.webhook_test import ask_rehearsal
from senders.actions import SenderFacts, change_sender, compare_with, tick_off
from senders.models import SenderId
from senders.options_block import render
from tests.browser.scenes import Act, Scene, problems_of, unfold
from tests.browser.visits import Visit
from tests.provisioning import kaleyra
from tests.provisioning.custom_gateway import gateway
from tests.senders.senders import add
from tests.support.cast import new_member, new_tenant

pytestmark = pytest.mark.browser

ROWS = "number,section,endpoint,cxcOnly\n16504661159,Support_Germany,Main,false\n999,No Good,Main Routing,maybe\n"


def fill(name: str, text: str, button: str) -> Act:
    """Fill an input and press a button."""

    def act(page: Page) -> None:
        page.locator(f"[name={name}]").fill(text)
        page.get_by_role("button", name=button).first.click()

    return act


def press(button: str) -> Act:
    """Press a button."""
    return lambda page: page.get_by_role("button", name=button).first.click()


def overtaken(page: Page) -> None:
    """Save after somebody else did."""
    page.locator("[name=endpoint]").fill("Mine")
    page.evaluate("document.querySelector('[name=seen]').value = 'another'")
    page.get_by_role("button", name="Save").click()


def _administrator(name: str, tenant: Tenant) -> tuple[Actor, Callable[..., Scene]]:
    user = new_member(name, tenant, Role.ADMINISTRATOR)
    return person(user), partial(Scene, user)


@pytest.fixture
def scenes(live_portal: str, sandbox: Control, wake_ups: list[str]) -> list[Scene]:
    """All pages in all their states."""
    fresh = new_tenant("Acme", sandbox.url)
    ada, ada_finds = _administrator("ada", fresh)
    busy = new_tenant("Globex", sandbox.url)
    bob, bob_finds = _administrator("bob", busy)
    draft = gateway.complete_draft(ada, fresh)
    done = gateway.run(bob, gateway.draft_at(bob, busy, sandbox, "no_message_id"))
    gateway.rehearsed(bob, done)
    first, second = SenderId.objects.filter(tenant=busy).order_by("number")
    change_sender(bob, first, SenderFacts(first.number, "Support", "Main", provider="Async"))
    second = change_sender(
        bob, second, SenderFacts(second.number, "Sales_and_Marketing", "SalesRouting", provider="Async")
    )
    tick_off(bob, first)
    compare_with(bob, second, render(second).replace("endpoint = chat.", "endpoint = ").replace("media = chat\n", ""))
    odd = add(bob, busy, "18445551212", section="Campaigns", cxc_only=True, provider="Portico")
    plain = add(bob, busy, "16504661199", section="", endpoint="", provider="Async")
    other = new_tenant("Initech", sandbox.url)
    eve, eve_finds = _administrator("eve", other)
    kaleyra.run(kaleyra.queued(eve, other))
    live = new_tenant("Hooli", sandbox.url)
    hal, hal_finds = _administrator("hal", live)
    waiting = gateway.complete_draft(hal, live)
    ask_rehearsal(hal, waiting)

    def at(name: str, *arguments: object) -> str:
        return reverse(name, args=[*arguments])

    step = {key: at("setup_step", draft.pk, key) for key in ("gateway", "headers")}
    bad_numbers = "999\ncustomers\n12345\n12345"
    return [
        ada_finds("options", at("options", fresh.pk)),
        *(ada_finds(f"needs-{key}", at("option_needs", fresh.pk, key)) for key in ("kaleyra", "custom_gateway")),
        ada_finds("needs-folded-out", at("setup_step", draft.pk, "prerequisites"), unfold),
        ada_finds("gateway", step["gateway"]),
        ada_finds("gateway-errors", step["gateway"], fill("asyncPhoneNumber", bad_numbers, "Save and go on")),
        ada_finds("gateway-made", step["gateway"], press("Make a new Gateway webhook signature key")),
        ada_finds("headers", step["headers"]),
        ada_finds("headers-errors", step["headers"], fill("headers", "Host = x\nno option", "Save and go on")),
        ada_finds("review", at("setup_review", draft.pk)),
        ada_finds("rehearsal-none", at("rehearsal", draft.pk)),
        ada_finds("headers-to-paste", at("gateway_headers", draft.pk)),
        ada_finds("headers-ticked", at("gateway_headers", draft.pk), press("It is done")),
        ada_finds("tenant-draft", at("tenant", fresh.pk)),
        ada_finds("senders-none", at("senders:list", fresh.pk)),
        ada_finds("sender-add", at("senders:add", fresh.pk)),
        ada_finds("sender-add-errors", at("senders:add", fresh.pk), fill("number", "999", "Save")),
        ada_finds("bulk", at("senders:bulk", fresh.pk)),
        ada_finds("bulk-errors", at("senders:bulk", fresh.pk), fill("rows", ROWS, "Check")),
        bob_finds("tenant-busy", at("tenant", busy.pk)),
        bob_finds("run", at("setup", done.pk)),
        bob_finds("rehearsal-graded", at("rehearsal", done.pk), unfold),
        bob_finds("senders", at("senders:list", busy.pk)),
        bob_finds("sender-done", at("senders:page", first.pk)),
        bob_finds("sender-differs", at("senders:page", second.pk)),
        bob_finds("sender-odd", at("senders:page", odd.pk)),
        bob_finds("sender-draft", at("senders:page", plain.pk)),
        bob_finds("sender-edit-overtaken", at("senders:edit", first.pk), overtaken),
        bob_finds("sender-remove", at("senders:remove", first.pk)),
        eve_finds("options-switch", at("options", other.pk)),
        eve_finds("tenant-kaleyra", at("tenant", other.pk)),
        hal_finds("rehearsal-live", at("rehearsal", waiting.pk)),
    ]


def test_nothing_is_wrong_with_any_of_them(visit: Visit, live_portal: str, scenes: list[Scene]) -> None:
    assert problems_of(visit, live_portal, scenes) == []
