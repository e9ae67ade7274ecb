"""The people pages: every step has a reason, stands in the history, and ends the sessions of whom it concerns."""

import re
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from allauth.mfa.models import Authenticator
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.actions import LAST_ONE, disable_person, grant_role, unmake_site_administrator
from portal.accounts.models import Membership, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.event_lookup import fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.actions import add_tenants
from portal.tenants.fields import MOST_LISTED
from portal.tenants.models import Tenant
from tests.portal.tenants.pages import error_at, said
from tests.support.cast import new_person
from tests.support.pages import pages

ClientOf = Callable[[User], Client]
ABSENT = UUID(int=7)


@pytest.fixture
def site(client_of: ClientOf, site_administrator: User) -> Client:
    """The browser of a site administrator."""
    return client_of(site_administrator)


@pytest.fixture
def membership(auditor: User) -> Membership:
    """The auditor's role in Acme."""
    return auditor.memberships.get()


def url_of(step: str, user: User) -> str:
    role = user.memberships.values_list("pk", flat=True).first() or 0
    return f"/people/{user.pk}/{step.replace('ROLE', str(role))}"


#: Each step: its address, what its form sends, and the verb that the history has for it.
STEPS = {
    "roles/ROLE/": ({"role": "administrator"}, "role.changed"),
    "roles/ROLE/withdraw/": ({}, "role.withdrawn"),
    "disable/": ({}, "person.disabled"),
    "second-factor/reset/": ({}, "person.second_factor_reset"),
    "site-administrator/": ({}, "person.site_administrator_made"),
    "site-auditor/": ({}, "person.site_auditor_made"),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_a_reason_is_in_the_history_and_signs_the_person_out(
    site: Client, client_of: ClientOf, auditor: User, step: str
) -> None:
    sent, verb = STEPS[step]
    Authenticator.objects.create(user=auditor, type=Authenticator.Type.TOTP, data={})
    theirs, url = client_of(auditor), url_of(step, auditor)
    events = Event.objects.count()
    assert site.get(url).status_code == 200
    assert error_at(site.post(url, sent | {"reason": " "}), "reason") == "This field is required."
    assert Event.objects.count() == events
    assert theirs.get("/tenants/").status_code == 200
    assert site.post(url, sent | {"reason": "Ticket 7"}).status_code == 302
    event = Event.objects.latest("id")
    assert (event.verb, event.target_id, fields(event)["reason"]) == (verb, str(auditor.pk), "Ticket 7")
    assert theirs.get("/tenants/")["Location"].startswith("/accounts/login/")
    assert site.get("/people/").status_code == 200


def test_a_role_is_given_with_a_reason(site: Client, outsider: User, tenant: Tenant) -> None:
    sent = {"tenant": str(tenant.pk), "role": "auditor", "reason": "Ticket 7"}
    assert "is auditor of Acme now" in said(site.post(url_of("roles/add/", outsider), sent, follow=True))
    event = Event.objects.latest("id")
    assert (event.verb, event.chain) == ("role.granted", str(tenant.pk))


def test_a_disabled_person_comes_back_with_their_roles(site: Client, auditor: User) -> None:
    disable_person(command_line(), auditor, reason="left")
    assert "Disabled" in said(site.get("/people/"))
    site.post(url_of("enable/", auditor), {"reason": "is back"})
    auditor.refresh_from_db()
    assert (auditor.is_active, auditor.memberships.count()) == (True, 1)


def test_a_second_factor_that_is_reset_is_gone(site: Client, auditor: User) -> None:
    Authenticator.objects.create(user=auditor, type=Authenticator.Type.TOTP, data={})
    assert "Second factor Yes: app " in " ".join(said(site.get(url_of("", auditor))).split())
    site.post(url_of("second-factor/reset/", auditor), {"reason": "lost the phone"})
    assert "Second factor No " in " ".join(said(site.get(url_of("", auditor))).split())


def test_the_last_site_administrator_stays(site: Client, site_administrator: User) -> None:
    page = site.post(url_of("site-administrator/take/", site_administrator), {"reason": "enough"})
    assert LAST_ONE in said(page)
    with pytest.raises(ValidationError, match="last site administrator"):
        disable_person(command_line(), site_administrator, reason="left")
    gone = new_person("gone", site_administrator=True)
    disable_person(command_line(), gone, reason="left")  # who is disabled does not count
    with pytest.raises(ValidationError, match="last site administrator"):
        unmake_site_administrator(command_line(), site_administrator, reason="left")


def test_nobody_disables_themself(site: Client, site_administrator: User) -> None:
    new_person("other", site_administrator=True)
    page = site.post(url_of("disable/", site_administrator), {"reason": "enough"})
    assert "You cannot disable yourself" in said(page)
    assert "Disable" not in said(site.get(url_of("", site_administrator)))


def test_who_gives_up_the_site_administration_signs_in_again(site: Client, site_administrator: User) -> None:
    new_person("other", site_administrator=True)
    answer = site.post(url_of("site-administrator/take/", site_administrator), {"reason": "enough"}, follow=True)
    assert answer.redirect_chain == [("/accounts/login/", 302)]
    assert "Sign in again" in said(answer)


def test_a_role_that_the_person_has_already_is_refused_at_its_field(
    site: Client, auditor: User, tenant: Tenant
) -> None:
    other = Membership.objects.create(user=auditor, tenant=tenant, role=Role.REPRESENTATIVE)
    answer = site.post(f"/people/{auditor.pk}/roles/{other.pk}/", {"role": "auditor", "reason": "x"})
    assert "has that role in the tenant already" in error_at(answer, "role")


PAGES = ["", "roles/add/", *STEPS, "enable/", "site-administrator/take/", "site-auditor/take/"]


@pytest.mark.parametrize("name", ["administrator", "representative", "auditor", "site_auditor"])
def test_nobody_else_learns_who_is_here(
    request: pytest.FixtureRequest, client_of: ClientOf, site_administrator: User, outsider: User, name: str
) -> None:
    client = client_of(request.getfixturevalue(name))
    addresses = ["/people/", "/people/invite/", "/people/invitations/", *[url_of(page, outsider) for page in PAGES]]
    addresses += [f"/people/{ABSENT}/{page.replace('ROLE', '7')}" for page in PAGES]
    told = Event.objects.exclude(verb=Verb.REFUSED)
    events = told.count()
    for address in addresses:
        assert client.get(address).status_code == 403
        assert client.post(address, {"reason": "x", "role": "auditor"}).status_code in {403, 405}
    assert client.post(f"/people/invitations/{ABSENT}/withdraw/").status_code == 403
    assert told.count() == events


def test_who_is_not_there_is_404(site: Client, auditor: User, outsider: User) -> None:
    for page in PAGES:
        assert site.get(f"/people/{ABSENT}/{page.replace('ROLE', '7')}").status_code == 404
    role_of_another = outsider.memberships.values_list("pk", flat=True).get()
    for role in (role_of_another, 10**40):
        assert site.get(f"/people/{auditor.pk}/roles/{role}/").status_code == 404


def test_the_list_is_searched_and_asks_the_database_as_often_for_many(site: Client, auditor: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            site.get("/people/")
        return len(captured)

    few = queries()
    User.objects.bulk_create(User(email=f"p{number}@example.com") for number in range(40))
    assert queries() <= few
    page = said(site.get("/people/", {"q": "AUDITOR@"}))
    assert "Auditor of Acme" in page
    assert "p7@example.com" not in page
    assert "Nobody found" in said(site.get("/people/", {"q": "%_"}))


def test_the_history_of_a_person_tells_of_them_alone(site: Client, auditor: User, outsider: User) -> None:
    disable_person(command_line(), auditor, reason="Ticket 7")
    page = said(site.get(f"/history/?person={auditor.pk}"))
    assert "disabled a person" in page
    assert "disabled" not in said(site.get(f"/history/?person={outsider.pk}"))


@pytest.mark.parametrize(
    ("name", "own"),
    [
        ("administrator", "Administrator"),
        ("auditor", "Auditor"),
        ("site_administrator", "Site administrator"),
        ("site_auditor", "Site auditor"),
    ],
)
def test_everybody_reads_the_table_of_rights_with_their_own_column_marked(
    request: pytest.FixtureRequest, client_of: ClientOf, name: str, own: str
) -> None:
    page = said(client_of(request.getfixturevalue(name)).get("/help/rights/"))
    assert f"{own} your role" in page
    assert page.count("your role") == 1
    [row] = re.findall(r"Set up its SMS (\S+ \S+ \S+ \S+ \S+)", page)
    assert row == "Yes No No No No"


def test_an_actor_without_the_right_is_refused_by_the_action_itself(administrator: User, auditor: User) -> None:
    with pytest.raises(PermissionDenied):
        disable_person(person(administrator), auditor, reason="x")


def in_many_tenants(user: User, how_many: int) -> list[Tenant]:
    tenants = [Tenant(name=f"Centre {n:02}", ccid=uuid4(), nexus_url="http://127.0.0.1:9") for n in range(how_many)]
    add_tenants(command_line(), tenants)
    for each in tenants:
        grant_role(command_line(), user=user, tenant_id=each.pk, role=Role.AUDITOR)
    return tenants


def test_the_roles_of_one_person_are_on_pages_and_can_be_searched(site: Client, auditor: User) -> None:
    tenants, seen, url = in_many_tenants(auditor, 30), set(), f"/people/{auditor.pk}/"
    found = BeautifulSoup(site.get(f"{url}?q=centre+07").content, "html.parser").select_one("main table tbody")
    assert found
    assert [found.get_text().count(name) for name in ("Centre 07", "Centre 08", "Acme")] == [1, 0, 0]
    assert "No role in a tenant that is called so" in site.get(f"{url}?q=Nowhere").text
    for page in pages(site, url):
        seen |= {cell.get_text(strip=True) for cell in page.select('td[data-label="Tenant"]')}
    assert seen == {"Acme", *(each.name for each in tenants)}


def test_the_list_of_people_shows_some_roles_and_leads_to_the_others(site: Client, auditor: User) -> None:
    in_many_tenants(auditor, 5)
    page = BeautifulSoup(site.get("/people/?q=auditor").content, "html.parser")
    [roles] = page.select('td[data-label="Roles"]')
    assert roles.get_text().count("Auditor of") == 4
    assert [str(link["href"]) for link in roles.select("a")] == [f"/people/{auditor.pk}/"]


def test_where_tenants_are_many_one_is_typed(site: Client, auditor: User, tenant: Tenant) -> None:
    add_tenants(
        command_line(),
        [Tenant(name=f"Other {n}", ccid=uuid4(), nexus_url="http://127.0.0.1:9") for n in range(MOST_LISTED)],
    )
    url = f"/people/{auditor.pk}/roles/add/"
    assert "<option" not in str(BeautifulSoup(site.get(url).content, "html.parser").select_one("#id_tenant"))
    site.post(url, {"tenant": "acme", "role": "administrator", "reason": "as asked"})
    assert auditor.memberships.filter(tenant=tenant, role=Role.ADMINISTRATOR).exists()


def test_one_link_leads_to_all_that_a_person_did_and_had_done(site: Client, auditor: User) -> None:
    links = BeautifulSoup(site.get(f"/people/{auditor.pk}/").text, "html.parser").select("main a[href*='/history/']")
    assert [(link["href"], link.get_text(strip=True)) for link in links] == [
        (f"/history/?person={auditor.pk}", "History of this person")
    ]
