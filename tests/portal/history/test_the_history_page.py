from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.tenants.actions import archive_tenant, edit_tenant
from portal.tenants.models import Tenant
from tests.support.cast import new_person

ClientOf = Callable[[User], Client]
PAGE = 50


def rows(client: Client, url: str = "/history/") -> list[str]:
    """The lines on the page, as text."""
    page = BeautifulSoup(client.get(url).content, "html.parser")
    return [row.get_text(" ", strip=True) for row in page.select("main table.list tbody tr")]


def write(tenant: Tenant | None, number: int) -> None:
    """Write lines of history, `number` of them."""
    with transaction.atomic():
        for turn in range(number):
            target = Target("tenant", "1", f"Line {turn}")
            record(Verb.TENANT_CHANGED, target, command_line(), tenant_id=tenant.pk if tenant else None)


def test_a_line_says_who_did_what_to_whom_and_how(client_of: ClientOf, administrator: User, tenant: Tenant) -> None:
    edit_tenant(person(administrator), tenant, name="Acme 2")
    newest = rows(client_of(administrator))[0]
    for words in ("administrator@example.com", "Person", "changed the tenant", "Acme 2", "Acme → Acme 2", "name"):
        assert words in newest


def test_the_reason_is_shown(client_of: ClientOf, administrator: User, tenant: Tenant) -> None:
    archive_tenant(command_line(), tenant, reason="merged with Globex")
    assert "merged with Globex" in rows(client_of(administrator))[0]


@pytest.mark.parametrize("role", ["administrator", "representative", "auditor"])
def test_every_role_reads_its_tenants_lines_and_no_others(
    client_of: ClientOf, request: pytest.FixtureRequest, role: str, tenant: Tenant, other_tenant: Tenant
) -> None:
    client = client_of(request.getfixturevalue(role))
    new_person("somebody")  # a line of the site's chain
    text = " ".join(rows(client))
    assert "Acme" in text
    assert "Globex" not in text
    assert "added a person" not in text


def test_a_site_administrator_reads_all_chains(
    client_of: ClientOf, site_administrator: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    text = " ".join(rows(client_of(site_administrator)))
    for words in ("Acme", "Globex", "added a person"):
        assert words in text


def test_the_page_of_one_tenant_holds_its_lines_only(
    client_of: ClientOf, site_administrator: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    text = " ".join(rows(client_of(site_administrator), f"/history/?tenant={tenant.pk}"))
    assert "Acme" in text
    assert "Globex" not in text
    assert "added a person" not in text


@pytest.mark.parametrize(
    "wanted", ["theirs", "9b7682b7-cbce-422f-9bbb-ecda85e61695", "acme", "1", "' OR 1=1 --", "\x00", "é" * 2000]
)
def test_a_tenant_out_of_reach_and_nonsense_both_answer_404(
    client_of: ClientOf, administrator: User, other_tenant: Tenant, wanted: str
) -> None:
    client = client_of(administrator)
    answer = client.get("/history/", {"tenant": str(other_tenant.pk) if wanted == "theirs" else wanted})
    assert answer.status_code == 404
    assert "Globex" not in answer.content.decode()


@pytest.mark.parametrize("direction", ["older", "newer"])
@pytest.mark.parametrize("cursor", ["", "x", "W10:1:x", "' --", "\x00", "[[1],{}]", "9" * 5000])
def test_a_cursor_that_nobody_gave_shows_the_first_page(
    client_of: ClientOf, administrator: User, tenant: Tenant, direction: str, cursor: str
) -> None:
    client = client_of(administrator)
    assert rows(client, "/history/") == rows(client, f"/history/?{direction}={cursor}")


def test_a_long_history_has_pages_that_hold_every_line_once(
    client_of: ClientOf, administrator: User, tenant: Tenant
) -> None:
    write(tenant, 2 * PAGE)
    client, url, pages = client_of(administrator), "/history/", []
    while url:
        pages.append(rows(client, url))
        link = BeautifulSoup(client.get(url).content, "html.parser").select_one(".pager a[rel=next]")
        url = f"/history/{link['href']}" if link else ""
    assert len(pages[0]) == PAGE
    assert sum(len(page) for page in pages) == Event.objects.filter(chain=str(tenant.pk)).count()


def test_a_cursor_of_one_page_shows_nothing_of_anothers_tenants(
    client_of: ClientOf, administrator: User, site_administrator: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    write(other_tenant, PAGE)
    page = BeautifulSoup(client_of(site_administrator).get("/history/").content, "html.parser")
    link = page.select_one(".pager a[rel=next]")
    assert link is not None
    assert "Globex" not in " ".join(rows(client_of(administrator), f"/history/{link['href']}"))


def queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get("/history/")
    return len(captured)


def test_a_long_page_asks_the_database_as_often_as_a_short_one(
    client_of: ClientOf, administrator: User, tenant: Tenant
) -> None:
    client = client_of(administrator)
    short = queries(client)
    write(tenant, PAGE)
    assert queries(client) == short <= 12


def test_markup_in_a_line_is_shown_as_text(client_of: ClientOf, administrator: User, tenant: Tenant) -> None:
    edit_tenant(command_line(), tenant, name="<script>alert(1)</script>")
    archive_tenant(command_line(), tenant, reason="<img src=x onerror=alert(1)>")
    page = client_of(administrator).get("/history/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_who_is_a_member_of_nothing_sees_that_nothing_has_happened(
    client_of: ClientOf, auditor: User, tenant: Tenant
) -> None:
    auditor.memberships.all().delete()
    client = client_of(auditor)
    assert rows(client) == []
    assert "Nothing has happened yet" in client.get("/history/").content.decode()


def test_the_lines_of_one_click_carry_the_id_of_its_request(
    client_of: ClientOf, administrator: User, tenant: Tenant
) -> None:
    fields = {"name": "Acme 2", "ccid": tenant.ccid, "nexus_url": tenant.nexus_url, "nexus_api_key": "another"}
    answer = client_of(administrator).post(f"/tenants/{tenant.pk}/edit/", fields)
    ids = set(Event.objects.order_by("-id").values_list("request_id", flat=True)[:2])
    assert ids == {answer["X-Request-ID"]}
    first = rows(client_of(administrator))[0]
    assert "1 more line of the same click" in first
    assert "Acme → Acme 2" in first
    assert len(rows(client_of(administrator), f"/history/?request={answer['X-Request-ID']}")) == 1


def test_the_page_takes_no_post(client_of: ClientOf, administrator: User) -> None:
    assert client_of(administrator).post("/history/").status_code == 405
