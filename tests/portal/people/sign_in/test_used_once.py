"""What works once works once, also for two who use it at the same moment."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from bs4 import BeautifulSoup
from django.test import Client

from portal.accounts.actions import disable_person
from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.identity import sign_on_links
from portal.identity.adapter import AccountAdapter
from portal.identity.id_tokens import Identity
from portal.people.actions import invite
from portal.people.models import Invitation
from portal.tenants.models import Tenant
from tests.portal.people.sign_in.conftest import code_for, enrol, is_in, link_for, prove, sign_in, verbs
from tests.portal.people.sign_in.test_single_sign_on import BACK, issuer, leave, service
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.support.cast import PASSWORD, new_person
from tests.support.issuer import Issuer
from tests.support.wake_ups import heard

__all__ = ["issuer", "service"]
pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]

ASK = "/accounts/second-factor/ask/"
Clock = Callable[[float], None]


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody listens to wake-ups here."""
    heard(monkeypatch)


def count(verb: str) -> int:
    return Event.objects.filter(verb=verb).count()


def get_in_all(tabs: list[Client], path: str, query: dict[str, str] | None = None) -> list[Any]:
    """Open the page in all tabs at the same moment."""
    return at_once([partial(tab.get, path, query) for tab in tabs])


def post_in_all(tabs: list[Client], path: str, form: dict[str, str] | None = None) -> list[Any]:
    """Send the form in all tabs at the same moment."""
    return at_once([partial(tab.post, path, form) for tab in tabs])


def opened(link: str) -> tuple[Client, str]:
    """A browser that has opened the link, and where its form goes."""
    client = Client()
    page = client.get(link, follow=True)
    return client, page.context["action_url"]


def test_a_reset_link_sets_one_password_of_two(administrator: User) -> None:
    for turn in range(5):
        link = link_for(administrator.email)
        tabs = [opened(link) for _ in range(2)]
        passwords = [f"the {which} of the pair, turn {turn}" for which in ("first", "second")]

        def choose(number: int, tabs: Any = tabs, passwords: Any = passwords) -> bool:
            client, url = tabs[number]
            answer = client.post(url, {"password1": passwords[number], "password2": passwords[number]})
            assert answer.status_code == 302 or "The link does not work" in answer.text
            return bool(answer.status_code == 302)

        won = at_once([lambda: choose(0), lambda: choose(1)])
        assert sorted(won) == [False, True]
        assert count("password.reset") == turn + 1
        administrator.refresh_from_db()
        assert [administrator.check_password(each) for each in passwords] == won


def test_of_two_newcomers_with_one_link_one_joins(tenant: Tenant) -> None:
    for turn in range(5):
        email = f"ann{turn}@example.com"
        _, token = invite(command_line(), email=email, tenant=tenant, role=Role.AUDITOR)
        tabs = [Client(), Client()]
        for tab in tabs:
            tab.get(f"/accounts/invitation/{token}/")

        def join(number: int, tabs: Any = tabs) -> int:
            form = {"name": f"Ann {number}", "password": PASSWORD, "again": PASSWORD}
            return int(tabs[number].post("/accounts/invitation/", form).status_code)

        joined, left_out = sorted(at_once([lambda: join(0), lambda: join(1)]), key=lambda status: status != 302)
        assert joined == 302
        assert left_out in {404, 200}  # the link is used up, or the page already asks to sign in to the new account
        assert User.objects.filter(email=email).count() == 1
        assert count("invitation.accepted") == turn + 1


def test_two_tabs_accept_one_invitation_once(auditor: User, tenant: Tenant) -> None:
    for turn, role in enumerate((Role.REPRESENTATIVE, Role.ADMINISTRATOR)):
        _, token = invite(command_line(), email=auditor.email, tenant=tenant, role=role)
        client = Client()
        client.force_login(auditor)
        client.get(f"/accounts/invitation/{token}/")
        tabs = [second_tab(client) for _ in range(2)]
        post_in_all(tabs, "/accounts/invitation/")
        assert count("invitation.accepted") == turn + 1
        assert Membership.objects.filter(user=auditor, role=role).count() == 1
        assert Invitation.objects.filter(accepted_at=None).count() == 0


def asked_for_a_code(user: User) -> Client:
    client = sign_in(user)
    assert not is_in(client)
    return client


def test_a_recovery_code_signs_in_one_of_two(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    _, codes = enrol(client)
    for turn, code in enumerate(codes[:4]):
        tabs = [asked_for_a_code(administrator) for _ in range(2)]
        post_in_all(tabs, ASK, {"code": code})
        assert sorted(map(is_in, tabs)) == [False, True]
        assert count("factor.recovery_code_used") == turn + 1


def test_a_code_of_the_app_signs_in_one_of_two(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    secret, _ = enrol(client)
    for _ in range(4):
        frozen(30)
        tabs = [asked_for_a_code(administrator) for _ in range(2)]
        code = code_for(secret)
        post_in_all(tabs, ASK, {"code": code})
        assert sorted(map(is_in, tabs)) == [False, True]


def test_recovery_codes_are_shown_to_one_of_two_tabs(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    enrol(client)
    for turn in range(4):
        client.post("/accounts/second-factor/codes/make/")  # and nobody has looked at these yet
        tabs = [second_tab(client) for _ in range(2)]
        pages = [answer.text for answer in get_in_all(tabs, "/accounts/second-factor/codes/")]
        shown = [len(BeautifulSoup(page, "html.parser").select(".recovery-codes code")) for page in pages]
        assert sorted(shown) == [0, 10]
        assert count("factor.recovery_codes_shown") == turn + 2


def test_two_tabs_set_up_one_app(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    page = BeautifulSoup(client.get("/accounts/second-factor/app/").content, "html.parser")
    secret = page.select_one(".facts [data-copy]")
    assert secret is not None
    code = code_for(str(secret["data-copy"]))
    tabs = [second_tab(client) for _ in range(2)]
    answers = post_in_all(tabs, "/accounts/second-factor/app/", {"code": code})
    assert {answer.status_code for answer in answers} == {302}
    kinds = Authenticator.objects.filter(user=administrator).order_by("type").values_list("type", flat=True)
    assert list(kinds) == ["recovery_codes", "totp"]


def test_two_tabs_make_one_set_of_new_codes_at_a_time(administrator: User, frozen: Clock) -> None:
    client = sign_in(administrator)
    prove(client)
    enrol(client)
    tabs = [second_tab(client) for _ in range(2)]
    answers = post_in_all(tabs, "/accounts/second-factor/codes/make/")
    assert {answer.status_code for answer in answers} == {302}
    assert Authenticator.objects.filter(user=administrator, type="recovery_codes").count() == 1


def test_a_sign_on_comes_back_once(administrator: User, issuer: Issuer) -> None:
    sign_on_links.connect(administrator, Identity(issuer.url, issuer.subject, "label"))
    for turn in range(3):
        client = Client()
        taken = leave(client)
        issuer.nonce = taken["nonce"]
        issuer.asked.clear()
        tabs = [second_tab(client) for _ in range(2)]
        back = {"code": "a-code", "state": taken["state"]}
        get_in_all(tabs, BACK, back)
        assert sorted(map(is_in, tabs)) == [False, True]
        assert [path for path, _, _ in issuer.asked].count("/token") == 1
        assert count("person.signed_in") == turn + 1


def test_two_tabs_disconnect_a_sign_on_once(administrator: User, issuer: Issuer) -> None:
    for turn in range(4):
        sign_on_links.connect(administrator, Identity(issuer.url, issuer.subject, "label"))
        at_once([lambda: sign_on_links.disconnect(administrator)] * 2)
        assert not SocialAccount.objects.exists()
        assert count("sign_on.disconnected") == turn + 1


def test_a_password_that_is_set_undoes_nothing_that_happened_to_the_person_meanwhile(
    site_administrator: User, rf: Any
) -> None:
    """The row was read before: written whole, it would let a disabled person in again."""
    new_person("second", site_administrator=True)
    stale = User.objects.get(pk=site_administrator.pk)
    disable_person(person(User.objects.get(email="second@example.com")), site_administrator, reason="r")
    request = rf.post("/")
    request.resolver_match = type("Match", (), {"url_name": "account_change_password"})
    with request_context(request):
        AccountAdapter(request).set_password(stale, "another battery staple horse")
    site_administrator.refresh_from_db()
    assert not site_administrator.is_active
    assert site_administrator.check_password("another battery staple horse")
    assert verbs()[-1] == "password.changed"
