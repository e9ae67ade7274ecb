"""axe, the console, the content security policy and the width, on every page in opposite looks."""

from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.people.actions import invite
from portal.people.mail import link_to
from provisioning.models import Setup
from provisioning.wizard.actions import begin_setup, save_step
from tests.access.lines import ARGUMENTS, LINES, Line
from tests.access.people import MEMBERS, Who
from tests.access.routes import path_of
from tests.access.world import build
from tests.browser.scenes import Scene, problems_of, unfold
from tests.browser.visits import Visit, axe, broken_buttons, too_wide
from tests.provisioning import kaleyra
from tests.support.cast import new_member, new_person, new_tenant

pytestmark = pytest.mark.browser

#: A file, and what machines ask.
NO_PAGES = {"senders:block", "operations:healthz", "operations:readyz", "operations:metrics", "history:csv"} | {
    "evidence:checkpoint",
    "evidence:verifier",
    "evidence:pack_download",
}

#: Pieces that a page asks for by itself; alone they are no document.
PARTS = {"setup_timeline", "service_table", "rehearsal_result", "order_timeline", "evidence:pack_progress"}


def submit(page: Page) -> None:
    """Send the form as it is."""
    page.locator("main form button[type=submit], form button[type=submit]").last.click()


def submit_nonsense(page: Page) -> None:
    """Fill every text input with something wrong, and send it."""
    for box in page.locator("main form input:not([type=hidden])").all():
        box.fill("x")
    page.locator("main form button.btn-primary").click()


def _run(name: str, sandbox: Control, fault: str = "", **options: object) -> Setup:
    tenant = new_tenant(name, sandbox.url)
    setup = kaleyra.queued(person(new_member(name.lower(), tenant, Role.ADMINISTRATOR)), tenant)
    if fault:
        sandbox.fault(fault, **options)
    return kaleyra.run(setup)


@pytest.fixture
def scenes(live_portal: str, sandbox: Control, wake_ups: list[str]) -> list[Scene]:
    """All pages in all their states."""
    fresh = new_tenant("Acme", sandbox.url)
    user = new_member("ada", fresh, Role.ADMINISTRATOR)
    everyone = new_person("root", site_administrator=True)
    draft = begin_setup(person(user), fresh, "kaleyra")
    other = new_tenant("Initech", sandbox.url)
    bob = new_member("bob", other, Role.ADMINISTRATOR)
    eve = new_member("eve", other, Role.ADMINISTRATOR)
    complete = kaleyra.complete_draft(person(bob), other)
    done = _run("Globex", sandbox)
    found = _run("Hooli", sandbox, "conflict", match={"path_contains": "/SMS"})
    failed = _run("Umbrella", sandbox, "unauthorized", match={"path_contains": "mGageSMS"})
    accepted = _run(
        "Stark", sandbox, "empty_201", match={"path_contains": "mGageSMS", "method": "POST"}, after_effect=False
    )
    waiting = _run("Tyrell", sandbox, "too_many_requests_huge")
    queued = _run("Wonka", sandbox, "unavailable")
    Setup.objects.filter(pk=queued.pk).update(next_attempt_at=None)
    running = _run("Soylent", sandbox, "unavailable")
    Setup.objects.filter(pk=running.pk).update(state="running")
    running.steps.filter(position=0).update(state="sending")

    def of(setup: Setup) -> User:
        return User.objects.get(email=setup.started_by_label)

    _, token = invite(command_line(), email="ann@example.com", tenant=fresh, role=Role.AUDITOR)
    step = {key: reverse("setup_step", args=[complete.pk, key]) for key in kaleyra.answers(other)}
    save_step(person(user), draft, "sender", {"tfn": "12345"}, draft.version)
    return [
        Scene(None, "sign-in", "/accounts/login/"),
        Scene(None, "sign-in-wrong", "/accounts/login/", submit),
        Scene(new_person("nobody"), "tenants-empty", "/tenants/"),
        Scene(everyone, "tenants", "/tenants/"),
        Scene(everyone, "tenants-archived", "/tenants/?archived=1"),
        Scene(everyone, "tenant-add", "/tenants/add/"),
        Scene(everyone, "tenant-add-errors", "/tenants/add/", submit_nonsense),
        Scene(user, "tenant-edit", reverse("tenants:edit", args=[fresh.pk])),
        Scene(everyone, "tenant-archive", reverse("tenants:archive", args=[fresh.pk])),
        Scene(user, "tenant-fresh", reverse("tenant", args=[fresh.pk])),
        Scene(of(done), "tenant-set-up", reverse("tenant", args=[done.tenant_id])),
        Scene(user, "options", reverse("options", args=[fresh.pk])),
        *(Scene(bob, f"step-{key}", path) for key, path in step.items()),
        *(Scene(bob, f"step-{key}-errors", path, submit_nonsense) for key, path in step.items()),
        Scene(bob, "review", reverse("setup_review", args=[complete.pk])),
        Scene(eve, "review-of-a-colleague", reverse("setup_review", args=[complete.pk])),
        Scene(of(accepted), "services-accepted", reverse("services", args=[accepted.tenant_id])),
        Scene(of(queued), "run-queued", reverse("setup", args=[queued.pk])),
        Scene(of(waiting), "run-waiting", reverse("setup", args=[waiting.pk]), unfold),
        Scene(of(running), "run-running", reverse("setup", args=[running.pk])),
        Scene(of(failed), "run-failed", reverse("setup", args=[failed.pk]), unfold),
        Scene(of(done), "run-succeeded", reverse("setup", args=[done.pk]), unfold),
        Scene(of(found), "run-found", reverse("setup", args=[found.pk])),
        Scene(everyone, "history", "/history/"),
        Scene(of(failed), "history-of-tenant", f"/history/?tenant={failed.tenant_id}", unfold),
        Scene(everyone, "people", "/people/"),
        Scene(everyone, "person", reverse("people:page", args=[user.pk])),
        Scene(everyone, "person-disable", reverse("people:disable", args=[user.pk]), submit),
        Scene(everyone, "invite", "/people/invite/", submit),
        Scene(everyone, "invitations", "/people/invitations/"),
        Scene(None, "invitation", urlsplit(link_to(token)).path),
        Scene(None, "invitation-errors", urlsplit(link_to(token)).path, submit),
        Scene(user, "rights", "/help/rights/"),
        Scene(user, "404", reverse("tenant", args=[uuid4()])),
        Scene(user, "403", "/tenants/add/"),
    ]


def visitor_of(line: Line) -> Who | None:
    """Who may open it and sees the most there."""
    by_rights = (Who.ADMINISTRATOR, Who.REPRESENTATIVE, Who.SITE, Who.AUDITOR)
    return next((who for who in by_rights if who in (line.get or ())), None)


def test_nothing_is_wrong_with_any_page(visit: Visit, live_portal: str, scenes: list[Scene]) -> None:
    assert problems_of(visit, live_portal, scenes) == []


def in_both_widths(page: Page) -> list[str]:
    """What is wrong with the page when it is as wide as a desk's screen, and as a telephone's in the dark."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": 1440, "height": 900})
    found = broken_buttons(page)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size({"width": 360, "height": 900})
    return [*found, *axe(page), *too_wide(page), *broken_buttons(page)]


def test_no_page_is_wrong_or_breaks_the_policy_for_those_who_may_open_it(
    visit: Visit, live_portal: str, wake_ups: list[str]
) -> None:
    """Every URL that can be opened, by one of those who may: lines.py knows both."""
    world, found = build(), list[str]()
    for who in (*MEMBERS, Who.SITE):
        visit.come_as(world.people[who], live_portal)
        for line in LINES:
            if visitor_of(line) is who and line.name not in NO_PAGES:
                path = path_of(line.name, world.ours, line.path, ARGUMENTS)
                visit.page.goto(path, wait_until="domcontentloaded")
                if line.name not in PARTS:
                    found += [f"{line.name}: {problem}" for problem in in_both_widths(visit.page)]
    assert found + visit.complaints == []


def test_a_planted_handler_is_a_complaint(visit: Visit) -> None:
    visit.page.goto("/accounts/login/")
    assert visit.complaints == []
    visit.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<button onclick=\"alert(1)\">x</button>')")
    with visit.page.expect_console_message(lambda message: "policy violated: script-src-attr inline" in message.text):
        visit.page.get_by_role("button", name="x").click()
    assert any("policy violated: script-src-attr inline" in complaint for complaint in visit.complaints)
