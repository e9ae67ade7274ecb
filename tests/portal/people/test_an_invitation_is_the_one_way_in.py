"""An invitation's link works once, for one thing, and its token is nowhere but in the link."""

import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.accounts.actions import disable_person, unmake_site_administrator
from portal.accounts.models import Membership, Session, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.people.actions import CLOSED, InvitationClosed, accept_as_newcomer, invite, withdraw_invitation
from portal.people.models import Invitation
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from tests.portal.tenants.pages import error_at, said, soup
from tests.support.cast import PASSWORD, new_person

ClientOf = Callable[[User], Client]
JOIN = {"name": "Ann", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def invited(site_administrator: User, tenant: Tenant) -> tuple[Invitation, str]:
    """Ann, invited as an auditor of Acme, and the path of her link."""
    actor = person(site_administrator)
    invitation, token = invite(actor, email=" Ann@Example.com ", tenant=tenant, role=Role.AUDITOR)
    return invitation, f"/accounts/invitation/{token}/"


def test_the_newcomer_joins_and_then_signs_in(invited: tuple[Invitation, str], tenant: Tenant, redis: object) -> None:
    client = Client()
    page = client.get(invited[1], follow=True)
    assert page.redirect_chain == [("/accounts/invitation/", 302)]
    assert "site@example.com invites ann@example.com as Auditor of Acme" in said(page)
    after = client.post("/accounts/invitation/", JOIN, follow=True)
    assert after.redirect_chain == [("/accounts/login/", 302)]
    assert "Your account is ready" in said(after)
    assert client.get("/tenants/").status_code == 302  # nobody is signed in by a link
    ann = User.objects.get(email="ann@example.com")
    assert (ann.name, ann.check_password(PASSWORD)) == ("Ann", True)
    assert list(ann.memberships.values_list("tenant", "role")) == [(tenant.pk, "auditor")]


def test_the_history_tells_who_invited_and_who_accepted(invited: tuple[Invitation, str]) -> None:
    accept_as_newcomer(invited[0].pk, name="Ann", password=PASSWORD)
    lines = [(event.verb, event.actor_kind) for event in Event.objects.order_by("id")][-4:]
    assert lines == [
        ("invitation.sent", "person"),
        ("person.added", "worker"),
        ("role.granted", "worker"),
        ("invitation.accepted", "person"),
    ]


def test_somebody_with_an_account_signs_in_and_accepts(
    invited: tuple[Invitation, str], client_of: ClientOf, tenant: Tenant
) -> None:
    ann = new_person("ann")
    stranger = Client()
    assert "Sign in with it, then accept" in said(stranger.get(invited[1], follow=True))
    stranger.post("/accounts/invitation/", JOIN)
    assert not ann.memberships.exists()
    client = client_of(ann)
    client.get(invited[1])
    before = client.session.session_key
    assert "You have accepted: Auditor of Acme" in said(client.post("/accounts/invitation/", follow=True))
    assert client.session.session_key != before
    assert ann.memberships.get().role == "auditor"


def test_somebody_else_cannot_accept_it(invited: tuple[Invitation, str], client_of: ClientOf, outsider: User) -> None:
    client = client_of(outsider)
    assert "for another address" in said(client.get(invited[1], follow=True))
    client.post("/accounts/invitation/", JOIN)
    assert set(Membership.objects.values_list("user", flat=True)) == {outsider.pk}


def expired(invitation: Invitation) -> None:
    Invitation.objects.update(ends_at=timezone.now() - timedelta(seconds=1))


def used(invitation: Invitation) -> None:
    accept_as_newcomer(invitation.pk, name="Ann", password=PASSWORD)


def withdrawn(invitation: Invitation) -> None:
    withdraw_invitation(command_line(), invitation)


def invited_again(invitation: Invitation) -> None:
    invite(command_line(), email=invitation.email, tenant=invitation.tenant, role=Role.AUDITOR)


def of_an_archived_tenant(invitation: Invitation) -> None:
    assert invitation.tenant
    archive_tenant(command_line(), invitation.tenant)


def by_somebody_disabled(invitation: Invitation) -> None:
    new_person("other-site", site_administrator=True)
    disable_person(command_line(), User.objects.get(email="site@example.com"), reason="left")


def by_somebody_demoted(invitation: Invitation) -> None:
    new_person("other-site", site_administrator=True)
    unmake_site_administrator(command_line(), User.objects.get(email="site@example.com"), reason="left")


CLOSINGS = [
    expired, used, withdrawn, invited_again, of_an_archived_tenant, by_somebody_disabled, by_somebody_demoted,
]  # fmt: skip


@pytest.mark.parametrize("close", CLOSINGS)
def test_every_link_that_opens_nothing_says_one_and_the_same(
    invited: tuple[Invitation, str], close: Callable[[Invitation], None]
) -> None:
    on_the_page = Client()
    on_the_page.get(invited[1])
    close(invited[0])
    people = User.objects.count()
    forged = bare(Client().get(f"/accounts/invitation/{'x' * 43}/", follow=True))
    assert CLOSED in forged
    assert bare(Client().get(invited[1], follow=True)) == forged
    assert bare(on_the_page.post("/accounts/invitation/", JOIN)) == forged
    assert User.objects.count() == people


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "..", "'", "\N{SNOWMAN}"])
def test_forged_tokens_open_nothing(client: Client, db: None, token: str) -> None:
    answer = client.get(f"/accounts/invitation/{token}/", follow=True)
    assert (answer.status_code, CLOSED in said(answer)) == (404, True)
    assert not Session.objects.exists()


def bare(page: object) -> str:
    """The page without what differs from request to request."""
    assert getattr(page, "status_code", 0) == 404
    return said(page)  # type: ignore[arg-type]  # the test client's answer


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"password": "short", "again": "short"}, "password", "at least 12 characters"),
        ({"again": "another one entirely"}, "again", "The two passwords differ."),
        ({"name": ""}, "name", "This field is required."),
        ({"password": "ann@example.com", "again": "ann@example.com"}, "password", "too similar"),
    ],
)
def test_bad_input_is_told_at_its_field_and_uses_nothing_up(
    invited: tuple[Invitation, str], changed: dict[str, str], field: str, sentence: str
) -> None:
    client = Client()
    client.get(invited[1])
    assert sentence in error_at(client.post("/accounts/invitation/", JOIN | changed), field)
    assert not User.objects.filter(email="ann@example.com").exists()
    assert client.post("/accounts/invitation/", JOIN).status_code == 302


def test_the_token_is_in_no_row_and_leaves_no_referer(
    invited: tuple[Invitation, str], caplog: pytest.LogCaptureFixture
) -> None:
    token = invited[1].split("/")[-2]
    client = Client()
    answer = client.get(invited[1])
    assert answer["Referrer-Policy"] == "no-referrer"
    page = client.get("/accounts/invitation/")
    assert token not in page.content.decode() + caplog.text
    kept = [str(vars(row)) for row in Invitation.objects.all()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    kept += [str(bytes(event.canonical)) for event in Event.objects.all()]
    assert not [row for row in kept if token in row]


def test_only_site_administrators_invite(administrator: User, tenant: Tenant) -> None:
    with pytest.raises(PermissionDenied):
        invite(person(administrator), email="ann@example.com", tenant=tenant, role=Role.AUDITOR)


def test_what_a_person_has_is_not_offered_again(auditor: User, tenant: Tenant, site_administrator: User) -> None:
    with pytest.raises(ValidationError, match="has that role already"):
        invite(command_line(), email=auditor.email, tenant=tenant, role=Role.AUDITOR)
    with pytest.raises(ValidationError, match="has that role already"):
        invite(command_line(), email=site_administrator.email)


def test_a_site_administrator_is_invited_without_a_tenant(db: None) -> None:
    invitation, _ = invite(command_line(), email="ann@example.com")
    assert accept_as_newcomer(invitation.pk, name="Ann", password=PASSWORD).is_site_administrator
    with pytest.raises(InvitationClosed):
        accept_as_newcomer(invitation.pk, name="Ann", password=PASSWORD)


@pytest.mark.databases
def test_the_database_holds_one_pending_invitation_to_the_same(invited: tuple[Invitation, str]) -> None:
    again = Invitation.objects.get()
    again.pk, again.token_hash = uuid4(), "x"
    with pytest.raises(IntegrityError):
        again.save(force_insert=True)


def test_the_inviter_sees_the_link_once_and_it_is_mailed(
    client_of: ClientOf, site_administrator: User, tenant: Tenant
) -> None:
    client = client_of(site_administrator)
    sent = {"email": "ann@example.com", "role": "auditor", "tenant": str(tenant.pk)}
    page = client.post("/people/invite/", sent).content.decode()
    [link] = set(re.findall(r"http://localhost:8000(/accounts/invitation/[\w-]{43}/)", page))
    assert link in mail.outbox[0].body
    assert mail.outbox[0].to == ["ann@example.com"]
    assert link not in client.get("/people/invitations/").content.decode()
    assert Client().get(link, follow=True).status_code == 200


def test_without_a_mail_server_in_production_nothing_is_mailed_or_printed(
    client_of: ClientOf, site_administrator: User, settings: Settings
) -> None:
    settings.PRODUCTION, settings.EMAIL_URL = True, ""
    sent = {"email": "ann@example.com", "role": "site-administrator", "tenant": ""}
    assert "The link was not mailed" in said(client_of(site_administrator).post("/people/invite/", sent))
    assert mail.outbox == []


def test_a_mail_server_that_fails_leaves_the_link(
    client_of: ClientOf, site_administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("portal.people.mail.send_mail", refuse)
    sent = {"email": "ann@example.com", "role": "site-administrator", "tenant": ""}
    assert "The link was not mailed" in said(client_of(site_administrator).post("/people/invite/", sent))


@pytest.mark.parametrize("tenant_id", ["", "x", str(UUID(int=7))])
def test_a_tenant_that_is_not_there_is_told_in_one_way(
    client_of: ClientOf, site_administrator: User, tenant: Tenant, tenant_id: str
) -> None:
    sent = {"email": "ann@example.com", "role": "auditor", "tenant": tenant_id}
    answer = client_of(site_administrator).post("/people/invite/", sent)
    assert error_at(answer, "tenant") == "Choose one of the tenants in the list."
    assert not Invitation.objects.exists()


def test_the_joining_form_asks_for_a_token_of_its_own(invited: tuple[Invitation, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    page = soup(client.get(invited[1], follow=True))
    assert client.post("/accounts/invitation/", JOIN).status_code == 403
    [token] = {str(field["value"]) for field in page.select("[name=csrfmiddlewaretoken]")}
    assert client.post("/accounts/invitation/", JOIN | {"csrfmiddlewaretoken": token}).status_code == 302
