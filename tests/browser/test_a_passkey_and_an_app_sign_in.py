"""A person sets up an app and a passkey at the keyboard, and signs in by each; the passkey is a virtual one."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect
from redis import Redis

from portal.accounts.models import User
from portal.identity.second_factors import factors_of
from tests.browser.visits import Visit, axe, picture, too_wide
from tests.portal.people.sign_in.conftest import code_for, verbs
from tests.support.cast import PASSWORD

pytestmark = pytest.mark.browser
PERIOD, LEAST = 30, 5


def code_in_time(secret: str) -> str:
    """The code of the app; near the end of its time, the next one."""
    while (left := PERIOD - time.time() % PERIOD) < LEAST:
        time.sleep(left)
    return code_for(secret)


def look(visit: Visit, heading: str) -> None:
    """The page of this heading comes, and nothing is wrong with it, narrow and wide."""
    expect(visit.page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
    visit.page.wait_for_load_state()
    name = heading.lower().strip("?").replace(" ", "-")
    for width in (360, 1600):
        visit.page.set_viewport_size({"width": width, "height": 900})
        picture(visit.page, f"{name}-{width}")
        assert [*axe(visit.page), *too_wide(visit.page)] == [], name


def virtual_passkeys(page: Page) -> None:
    """Plug in a device that keeps passkeys, and verifies its owner."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    device = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = device | {"isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_out(page: Page) -> None:
    """Sign out, and wait until the sign-in offers passkeys."""
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()


def give_password(visit: Visit, user: User) -> None:
    visit.type("login", user.email)
    visit.type("password", PASSWORD)
    visit.press("Sign in")
    visit.page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture
def page(browser: Browser, live_portal: str) -> Page:
    """An empty page at `localhost`: a passkey belongs to a name, and an address is none."""
    context = browser.new_context(base_url=live_portal.replace("127.0.0.1", "localhost"), reduced_motion="reduce")
    context.set_default_timeout(10_000)
    return context.new_page()


def test_an_app_and_a_passkey_are_set_up_and_used(visit: Visit, administrator: User, redis: Redis) -> None:
    page = visit.page
    virtual_passkeys(page)
    page.goto("/accounts/login/")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_visible()
    look(visit, "Sign in")
    give_password(visit, administrator)

    page.goto("/accounts/")
    look(visit, "Your account")
    visit.press("Second factor and recovery codes", "link")
    look(visit, "Second factor")
    visit.press("Set up an app", "link")
    look(visit, "Is it you?")
    visit.type("password", PASSWORD)
    visit.press("Go on")
    look(visit, "Set up an authenticator app")
    secret = str(page.locator(".facts [data-copy]").get_attribute("data-copy"))
    visit.type("code", code_in_time(secret))
    visit.press("Use this app")
    look(visit, "Recovery codes")
    assert len(page.locator(".recovery-codes code").all_inner_texts()) == 10

    page.goto("/accounts/passkeys/add/")
    look(visit, "Add a passkey")
    visit.type("name", "Work laptop")
    visit.press("Add the passkey")
    page.wait_for_url(re.compile("second-factor/$"))
    page.goto("/accounts/passkeys/")
    expect(page.get_by_role("heading", name="Work laptop")).to_be_visible()
    look(visit, "Passkeys")
    sign_out(page)

    give_password(visit, administrator)
    look(visit, "Second factor")
    redis.delete(*redis.scan_iter("*totp.used*"))  # the code was used; to wait for the next one takes half a minute
    visit.type("code", code_in_time(secret))
    visit.press("Sign in")
    expect(page.get_by_role("link", name="Administrator", exact=True)).to_be_visible()
    sign_out(page)

    give_password(visit, administrator)
    expect(page.get_by_role("button", name="Use a passkey")).to_be_visible()
    visit.press("Use a passkey")
    expect(page.get_by_role("link", name="Administrator", exact=True)).to_be_visible()
    sign_out(page)

    visit.press("Sign in with a passkey")
    expect(page.get_by_role("link", name="Administrator", exact=True)).to_be_visible()

    assert visit.complaints == [], "of the content security policy, for one"
    said = verbs()
    assert said.count("person.signed_in") == 4
    assert "passkey.added" in said
    with factors_of(administrator):
        assert [factor.type for factor in administrator.authenticator_set.order_by("type")] == [  # type: ignore[attr-defined]  # allauth has no types
            "recovery_codes",
            "totp",
            "webauthn",
        ]
