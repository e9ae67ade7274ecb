"""axe, the console and the width on the pages of options, gateways and sender IDs, in both themes and two widths."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.sandbox.control import Control
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from provisioning.options.custom_gateway.rehearsal import ask_rehearsal
from senders.actions import SenderFacts, change_sender, compare_with, tick_off
from senders.block import render
from senders.models import SenderId
from tests.browser.looks import problems_in_opposite_looks
from tests.browser.visits import Visit, cookies_of
from tests.provisioning import kaleyra
from tests.provisioning.custom_gateway import gateway
from tests.senders.senders import add
from tests.support.cast import API_KEY, new_member

#: So that test processes share the pages.
PARTS = 2

pytestmark = pytest.mark.browser

ROWS = "number,section,endpoint,cxcOnly\n16504661159,Support_Germany,Main,false\n999,No Good,Main Routing,maybe\n"
Act = Callable[[Page], None]


@dataclass(frozen=True)
class Scene:
    """A page, and what somebody does there first."""

    name: str
    path: str
    act: Act | None = None


def unfold(page: Page) -> None:
    """Open all folds of the page."""
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")


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


def _tenant(name: str, url: str) -> Tenant:
    return add_tenant(command_line(), name=name, ccid=uuid4(), nexus_url=url, nexus_api_key=API_KEY)


@pytest.fixture
def scenes(live_portal: str, sandbox: Control, wake_ups: list[str]) -> dict[str, list[Scene]]:
    """All pages in all their states, by the name of who looks."""
    fresh = _tenant("Acme", sandbox.url)
    ada = person(new_member("ada", fresh, Role.ADMINISTRATOR))
    busy = _tenant("Globex", sandbox.url)
    bob = person(new_member("bob", busy, Role.ADMINISTRATOR))
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
    other = _tenant("Initech", sandbox.url)
    eve = person(new_member("eve", other, Role.ADMINISTRATOR))
    kaleyra.run(kaleyra.queued(eve, other))
    live = _tenant("Hooli", sandbox.url)
    hal = person(new_member("hal", live, Role.ADMINISTRATOR))
    waiting = gateway.complete_draft(hal, live)
    ask_rehearsal(hal, waiting)

    def at(name: str, *arguments: object) -> str:
        return reverse(name, args=[*arguments])

    step = {key: at("setup_step", draft.pk, key) for key in ("gateway", "headers")}
    bad_numbers = "999\ncustomers\n12345\n12345"
    return {
        "ada": [
            Scene("options", at("options", fresh.pk)),
            *(Scene(f"needs-{key}", at("option_needs", fresh.pk, key)) for key in ("kaleyra", "custom_gateway")),
            Scene("needs-folded-out", at("setup_step", draft.pk, "prerequisites"), unfold),
            Scene("gateway", step["gateway"]),
            Scene("gateway-errors", step["gateway"], fill("asyncPhoneNumber", bad_numbers, "Save and go on")),
            Scene("gateway-made", step["gateway"], press("Make a new Gateway webhook signature key")),
            Scene("headers", step["headers"]),
            Scene("headers-errors", step["headers"], fill("headers", "Host = x\nno option", "Save and go on")),
            Scene("review", at("setup_review", draft.pk)),
            Scene("rehearsal-none", at("rehearsal", draft.pk)),
            Scene("headers-to-paste", at("gateway_headers", draft.pk)),
            Scene("headers-ticked", at("gateway_headers", draft.pk), press("It is done")),
            Scene("tenant-draft", at("tenant", fresh.pk)),
            Scene("senders-none", at("senders:list", fresh.pk)),
            Scene("sender-add", at("senders:add", fresh.pk)),
            Scene("sender-add-errors", at("senders:add", fresh.pk), fill("number", "999", "Save")),
            Scene("bulk", at("senders:bulk", fresh.pk)),
            Scene("bulk-errors", at("senders:bulk", fresh.pk), fill("rows", ROWS, "Check")),
        ],
        "bob": [
            Scene("tenant-busy", at("tenant", busy.pk)),
            Scene("run", at("setup", done.pk)),
            Scene("rehearsal-graded", at("rehearsal", done.pk), unfold),
            Scene("senders", at("senders:list", busy.pk)),
            Scene("sender-done", at("senders:page", first.pk)),
            Scene("sender-differs", at("senders:page", second.pk)),
            Scene("sender-odd", at("senders:page", odd.pk)),
            Scene("sender-draft", at("senders:page", plain.pk)),
            Scene("sender-edit-overtaken", at("senders:edit", first.pk), overtaken),
            Scene("sender-remove", at("senders:remove", first.pk)),
        ],
        "eve": [Scene("options-switch", at("options", other.pk)), Scene("tenant-kaleyra", at("tenant", other.pk))],
        "hal": [Scene("rehearsal-live", at("rehearsal", waiting.pk))],
    }


def problems_of(page: Page, scene: Scene) -> list[str]:
    """Everything that is wrong with a page."""
    visit = Visit(page)
    page.goto(scene.path)
    if scene.act:
        scene.act(page)
    return [*problems_in_opposite_looks(page, scene.name), *visit.complaints]


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_wrong_with_any_of_them(
    browser: Browser, live_portal: str, scenes: dict[str, list[Scene]], part: int
) -> None:
    problems: list[str] = []
    for name, own in scenes.items():
        context = browser.new_context(base_url=live_portal, reduced_motion="reduce")
        context.add_cookies(cookies_of(User.objects.get(email=f"{name}@example.com"), live_portal))
        for scene in own[part::PARTS]:
            page = context.new_page()
            problems += problems_of(page, scene)
            page.close()
        context.close()
    assert problems == []
