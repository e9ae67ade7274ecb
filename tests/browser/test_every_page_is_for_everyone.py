"""axe, the console, the content security policy and the width, on every page in opposite looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.people.actions import invite
from portal.people.mail import link_to
from portal.sandbox.control import Control
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from provisioning.actions import begin_setup, save_step
from provisioning.models import Setup
from tests.access.lines import ARGUMENTS, LINES, Line
from tests.access.people import MEMBERS, Who
from tests.access.routes import path_of
from tests.access.world import build
from tests.browser.looks import problems_in_opposite_looks
from tests.browser.visits import Visit, cookies_of
from tests.provisioning import kaleyra
from tests.support.cast import API_KEY, new_member, new_person

pytestmark = pytest.mark.browser

#: A file, and what machines ask.
NO_PAGES = {"senders:block", "operations:healthz", "operations:readyz", "operations:metrics", "history:csv"} | {
    "evidence:checkpoint",
    "evidence:verifier",
    "evidence:pack_download",
}
#: So that test processes share the pages.
PARTS = 2
Act = Callable[[Page], None]


@dataclass(frozen=True)
class Scene:
    """A page as somebody finds it; `act` is what they do there first."""

    name: str
    user: User | None
    path: str
    act: Act | None = None


def submit(page: Page) -> None:
    """Send the form as it is."""
    page.locator("main form button[type=submit], form button[type=submit]").last.click()


def submit_nonsense(page: Page) -> None:
    """Fill every text input with something wrong, and send it."""
    for box in page.locator("main form input:not([type=hidden])").all():
        box.fill("x")
    page.locator("main form button.btn-primary").click()


def unfold(page: Page) -> None:
    """Open all folds of the page."""
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")


def _tenant(name: str, url: str) -> Tenant:
    return add_tenant(command_line(), name=name, ccid=uuid4(), nexus_url=url, nexus_api_key=API_KEY)


def _run(name: str, sandbox: Control, fault: str = "", **options: object) -> Setup:
    tenant = _tenant(name, sandbox.url)
    setup = kaleyra.queued(person(new_member(name.lower(), tenant, Role.ADMINISTRATOR)), tenant)
    if fault:
        sandbox.fault(fault, **options)
    return kaleyra.run(setup)


@pytest.fixture
def scenes(live_portal: str, sandbox: Control, wake_ups: list[str]) -> list[Scene]:
    """All pages in all their states."""
    fresh = _tenant("Acme", sandbox.url)
    user = new_member("ada", fresh, Role.ADMINISTRATOR)
    everyone = new_person("root", site_administrator=True)
    draft = begin_setup(person(user), fresh, "kaleyra")
    other = _tenant("Initech", sandbox.url)
    bob = new_member("bob", other, Role.ADMINISTRATOR)
    complete = kaleyra.complete_draft(person(bob), other)
    done = _run("Globex", sandbox)
    found = _run("Hooli", sandbox, "conflict", match={"path_contains": "/SMS"})
    failed = _run("Umbrella", sandbox, "unauthorized", match={"path_contains": "mGageSMS"})
    waiting = _run("Tyrell", sandbox, "too_many_requests_huge")
    queued = _run("Wonka", sandbox, "unavailable")
    Setup.objects.filter(pk=queued.pk).update(not_before=None)
    running = _run("Soylent", sandbox, "unavailable")
    Setup.objects.filter(pk=running.pk).update(state="running")
    running.steps.filter(position=0).update(state="sending")

    def of(setup: Setup) -> User:
        return User.objects.get(email=setup.started_by_label)

    _, token = invite(command_line(), email="ann@example.com", tenant=fresh, role=Role.AUDITOR)
    step = {key: reverse("setup_step", args=[complete.pk, key]) for key in kaleyra.answers(other)}
    save_step(person(user), draft, "sender", {"tfn": "12345"}, draft.version)
    return [
        Scene("sign-in", None, "/accounts/login/"),
        Scene("sign-in-wrong", None, "/accounts/login/", submit),
        Scene("tenants-empty", new_person("nobody"), "/tenants/"),
        Scene("tenants", everyone, "/tenants/"),
        Scene("tenants-archived", everyone, "/tenants/?archived=1"),
        Scene("tenant-add", everyone, "/tenants/add/"),
        Scene("tenant-add-errors", everyone, "/tenants/add/", submit_nonsense),
        Scene("tenant-edit", user, reverse("tenants:edit", args=[fresh.pk])),
        Scene("tenant-archive", everyone, reverse("tenants:archive", args=[fresh.pk])),
        Scene("tenant-fresh", user, reverse("tenant", args=[fresh.pk])),
        Scene("tenant-set-up", of(done), reverse("tenant", args=[done.tenant_id])),
        Scene("options", user, reverse("options", args=[fresh.pk])),
        *(Scene(f"step-{key}", bob, path) for key, path in step.items()),
        *(Scene(f"step-{key}-errors", bob, path, submit_nonsense) for key, path in step.items()),
        Scene("review", bob, reverse("setup_review", args=[complete.pk])),
        Scene("run-queued", of(queued), reverse("setup", args=[queued.pk])),
        Scene("run-waiting", of(waiting), reverse("setup", args=[waiting.pk]), unfold),
        Scene("run-running", of(running), reverse("setup", args=[running.pk])),
        Scene("run-failed", of(failed), reverse("setup", args=[failed.pk]), unfold),
        Scene("run-succeeded", of(done), reverse("setup", args=[done.pk]), unfold),
        Scene("run-found", of(found), reverse("setup", args=[found.pk])),
        Scene("history", everyone, "/history/"),
        Scene("history-of-tenant", of(failed), f"/history/?tenant={failed.tenant_id}", unfold),
        Scene("people", everyone, "/people/"),
        Scene("person", everyone, reverse("people:page", args=[user.pk])),
        Scene("person-disable", everyone, reverse("people:disable", args=[user.pk]), submit),
        Scene("invite", everyone, "/people/invite/", submit),
        Scene("invitations", everyone, "/people/invitations/"),
        Scene("invitation", None, link_to(token)),
        Scene("invitation-errors", None, link_to(token), submit),
        Scene("rights", user, "/help/rights/"),
        Scene("404", user, reverse("tenant", args=[uuid4()])),
        Scene("403", user, "/tenants/add/"),
    ]


def visitor_of(line: Line) -> Who | None:
    """Who may open it and sees the most there."""
    by_rights = (Who.ADMINISTRATOR, Who.REPRESENTATIVE, Who.SITE, Who.AUDITOR)
    return next((who for who in by_rights if who in (line.get or ())), None)


@pytest.fixture
def open_page(browser: Browser, live_portal: str) -> Iterator[Callable[[User | None], Page]]:
    """Open an empty page of somebody who has signed in, or of a stranger."""
    contexts: dict[User | None, BrowserContext] = {}

    def opened(user: User | None) -> Page:
        if user not in contexts:
            contexts[user] = browser.new_context(base_url=live_portal, reduced_motion="reduce")
            contexts[user].add_cookies(cookies_of(user, live_portal) if user else [])
        return contexts[user].new_page()

    yield opened
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_wrong_with_any_page(
    open_page: Callable[[User | None], Page], scenes: list[Scene], part: int
) -> None:
    problems: list[str] = []
    for scene in scenes[part::PARTS]:
        page = open_page(scene.user)
        visit = Visit(page)
        page.goto(scene.path)
        if scene.act:
            scene.act(page)
        problems += [*problems_in_opposite_looks(page, scene.name), *visit.complaints]
        page.close()
    assert problems == []


def test_no_page_breaks_the_policy_for_anybody(
    open_page: Callable[[User | None], Page], live_portal: str, wake_ups: list[str]
) -> None:
    """Every URL that can be opened, by one of those who may: lines.py knows both."""
    world = build()
    complaints = []
    for who in (*MEMBERS, Who.SITE):
        visit = Visit(open_page(world.people[who]))
        for line in LINES:
            if visitor_of(line) is who and line.name not in NO_PAGES:
                path = path_of(line.name, world.ours, line.path, ARGUMENTS)
                visit.page.goto(path, wait_until="domcontentloaded")
        complaints += visit.complaints
    assert complaints == []


def test_a_planted_handler_is_a_complaint(open_page: Callable[[User | None], Page]) -> None:
    page = open_page(None)
    visit = Visit(page)
    page.goto("/accounts/login/")
    assert visit.complaints == []
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button onclick=\"alert(1)\">x</button>')")
    with page.expect_console_message(lambda message: "policy violated: script-src-attr inline" in message.text):
        page.get_by_role("button", name="x").click()
    assert any("policy violated: script-src-attr inline" in complaint for complaint in visit.complaints)
