"""Site auditors read the site's chain and every tenant's history, and change nothing."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from portal.accounts.actions import disable_person, make_site_auditor, unmake_site_auditor
from portal.accounts.models import Session, User
from portal.accounts.permission import may, person
from portal.accounts.rights import Right
from portal.audit.actors import command_line
from portal.audit.event_lookup import fields
from portal.audit.models import SITE_CHAIN, Event
from portal.audit.verbs import Verb
from portal.evidence import pack_builder
from portal.evidence.models import Pack
from portal.people.actions import accept_as_newcomer
from portal.people.models import Invitation
from portal.tenants.models import Tenant
from tests.portal.evidence.conftest import anchored as anchored  # noqa: PLC0414 - a fixture of both rooms' tests
from tests.portal.evidence.packs import contents
from tests.portal.tenants.pages import said
from tests.support.cast import PASSWORD

ClientOf = Callable[[User], Client]


@pytest.fixture
def reader(client_of: ClientOf, site_auditor: User) -> Client:
    """The browser of a site auditor."""
    return client_of(site_auditor)


def people(*arguments: str) -> str:
    """Run the command; return what it wrote."""
    out = io.StringIO()
    call_command("people", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_an_invitation_makes_a_site_auditor_in_an_unusual_event(db: None) -> None:
    link = people("add", "ann@example.com", "--role", "site-auditor")
    page = Client().get(link.strip().removeprefix("http://localhost:8000"), follow=True)
    assert b"Site auditor" in page.content
    user = accept_as_newcomer(Invitation.objects.get().pk, name="Ann", password=PASSWORD)
    assert (user.is_site_auditor, user.is_site_administrator) == (True, False)
    made = Event.objects.get(verb=Verb.SITE_AUDITOR_MADE)
    assert (made.chain, made.target_id, made.actor_kind) == (SITE_CHAIN, str(user.pk), "command_line")
    assert fields(made)["changes"] == {"site auditor": [False, True]}
    assert Verb.SITE_AUDITOR_MADE.is_unusual


def test_a_password_from_the_standard_input_adds_a_site_auditor_at_once(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    said_of_it = people("add", "ann@example.com", "--role", "site-auditor", "--password-stdin")
    assert said_of_it == "ann@example.com was added as site auditor.\n"
    assert people("list") == "ann@example.com\tactive\tsite-auditor\tthe site\n"
    assert Event.objects.filter(verb=Verb.SITE_AUDITOR_MADE).count() == 1


def test_the_page_invites_a_site_auditor_without_a_tenant(
    client_of: ClientOf, site_administrator: User, tenant: Tenant
) -> None:
    site = client_of(site_administrator)
    sent = {"email": "ann@example.com", "role": "site-auditor", "tenant": str(tenant.pk)}
    assert "A site auditor has no tenant" in said(site.post("/people/invite/", sent))
    assert "ann@example.com is invited" in said(site.post("/people/invite/", sent | {"tenant": ""}))
    assert Invitation.objects.get().role == "site-auditor"
    site.post("/people/invite/", sent | {"tenant": "", "role": "site-administrator"})
    assert Invitation.objects.filter(withdrawn_at=None).count() == 2  # one does not withdraw the other
    site.post("/people/invite/", sent | {"tenant": ""})
    assert Invitation.objects.filter(withdrawn_at=None).count() == 2


def test_site_administrators_make_and_unmake_site_auditors_after_a_proof(
    client_of: ClientOf, site_administrator: User, auditor: User
) -> None:
    site, url = client_of(site_administrator), f"/people/{auditor.pk}/site-auditor/"
    Session.objects.update(proven_at=timezone.now() - timedelta(hours=1))
    for page in (url, f"{url}take/"):
        assert site.post(page, {"reason": "Ticket 7"})["Location"].startswith("/accounts/reauthenticate/")
    auditor.refresh_from_db()
    assert not auditor.is_site_auditor
    Session.objects.update(proven_at=timezone.now())
    assert "is a site auditor" in said(site.post(url, {"reason": "Ticket 7"}, follow=True))
    assert "Site auditor" in said(site.get(f"/people/{auditor.pk}/"))
    assert "Site auditor" in said(site.get("/people/"))
    assert "is no site auditor any more" in said(site.post(f"{url}take/", {"reason": "Ticket 8"}, follow=True))
    verbs = list(Event.objects.filter(target_id=str(auditor.pk)).order_by("-id").values_list("verb", flat=True)[:2])
    assert verbs == ["person.site_auditor_unmade", "person.site_auditor_made"]


def test_making_twice_is_one_event(auditor: User) -> None:
    for _ in range(2):
        make_site_auditor(command_line(), auditor, reason="x")
    for _ in range(2):
        unmake_site_auditor(command_line(), auditor, reason="x")
    verbs = Event.objects.filter(target_id=str(auditor.pk), verb__startswith="person.site_auditor")
    assert verbs.count() == 2


def test_every_history_and_that_of_the_site_is_read(reader: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    page = said(reader.get("/history/"))
    for words in ("Acme", "Globex", "added a person", "made a site auditor of"):
        assert words in page
    assert reader.get("/history/site/1/").status_code == 200
    assert reader.get(f"/history/?tenant={other_tenant.pk}").status_code == 200
    assert reader.get(f"/tenants/{tenant.pk}/").status_code == 200
    assert "Globex" in said(reader.get("/tenants/"))
    lines = b"".join(reader.get("/history/lines.csv").streaming_content)  # type: ignore[attr-defined]  # the answer is a stream
    assert b"person.added" in lines


def test_the_day_begins_with_the_news_of_all_chains(reader: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    page = said(reader.get("/"))
    assert "Since your last visit" in page
    for words in ("Acme", "Globex", "The site"):
        assert words in page


@pytest.mark.usefixtures("anchored")
def test_a_pack_holds_the_site_and_every_tenant(reader: Client, tenant: Tenant, other_tenant: Tenant) -> None:
    reader.post("/history/evidence/packs/new/", {"site": "on"})
    pack = Pack.objects.get()
    assert pack.chains == sorted([str(tenant.pk), str(other_tenant.pk), SITE_CHAIN])
    pack_builder.make_pack(pack.pk)
    answer = reader.get(f"/history/evidence/packs/{pack.pk}/download/")
    roles = contents(b"".join(answer.streaming_content))["roles.csv"]  # type: ignore[attr-defined]  # as above
    assert b"person.site_auditor_made" in roles
    assert "Evidence" in said(reader.get("/history/evidence/"))


def test_nothing_can_be_changed(reader: Client, site_auditor: User, tenant: Tenant) -> None:
    changing = set(Right) - {Right.VIEW_TENANT, Right.VIEW_HISTORY, Right.VIEW_NUMBERS, Right.VIEW_SITE_HISTORY}
    assert not [right for right in changing if may(site_auditor, right, tenant.pk) or may(site_auditor, right)]
    for url in ("/people/", "/people/invite/", "/tenants/add/", f"/tenants/{tenant.pk}/edit/"):
        assert reader.get(url).status_code == 403
    with pytest.raises(PermissionDenied):
        make_site_auditor(person(site_auditor), site_auditor, reason="x")


def test_the_sidebar_offers_what_can_be_opened(reader: Client) -> None:
    page = reader.get("/history/").content.decode()
    assert re.search(r"href=\"/history/evidence/\"", page)
    assert not re.search(r"href=\"/people/\"", page)


def test_who_is_disabled_or_no_site_auditor_any_more_reads_nothing(
    reader: Client, client_of: ClientOf, site_auditor: User, tenant: Tenant
) -> None:
    unmake_site_auditor(command_line(), site_auditor, reason="left")
    assert reader.get("/history/")["Location"].startswith("/accounts/login/")
    site_auditor.refresh_from_db()
    assert "Acme" not in said(client_of(site_auditor).get("/history/"))
    make_site_auditor(command_line(), site_auditor, reason="back")
    disable_person(command_line(), site_auditor, reason="left")
    site_auditor.refresh_from_db()
    assert not may(site_auditor, Right.VIEW_SITE_HISTORY)
