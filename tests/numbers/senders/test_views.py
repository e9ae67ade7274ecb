"""Of very many findings or rows the page shows those that matter first, and says where the others are."""

from collections.abc import Callable
from itertools import product

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.tenants.models import Tenant
from senders.actions import SenderFacts, add_senders
from senders.views import BULK_SHOWN, FINDINGS_SHOWN
from tests.support.pages import pages

SignIn = Callable[[User], Client]


def test_all_sender_ids_with_findings_are_on_pages(tenant: Tenant, administrator: User, client_of: SignIn) -> None:
    drafts = [SenderFacts(f"1650466{number}") for number in range(1000, 1060)]
    good = SenderFacts("16504669999", "SMS_Main", "Main", provider="Portico")
    odd = add_senders(person(administrator), tenant.pk, [good, *drafts])[1:]
    client, url = client_of(administrator), reverse("senders:list", args=[tenant.pk])
    page = BeautifulSoup(client.get(url).content, "html.parser")
    assert len(page.select(".findings li")) == FINDINGS_SHOWN
    [link] = [link for link in page.select("main p a") if link.get_text() == "See all 60"]
    listed, found = list[str](), list[str]()
    for page in pages(client, f"{url}{str(link['href']).removeprefix(url)}"):
        listed += [str(each["href"]) for each in page.select("table a.name")]
        found += [str(each["href"]) for each in page.select(".findings a")]
    assert sorted(listed) == sorted(reverse("senders:page", args=[each.pk]) for each in odd)
    assert sorted(set(found)) == sorted(listed)


def rows_of(page: BeautifulSoup) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.select("table.list tbody tr")]


def test_of_very_many_rows_those_that_need_a_change_are_shown(
    tenant: Tenant, administrator: User, client_of: SignIn
) -> None:
    sections = ["".join(letters) for letters in product("abcdefg", repeat=3)]
    lines = [f"1650466{number}, {section}, Main" for number, section in zip(range(1000, 1300), sections, strict=False)]
    lines[250] = "nonsense, S_x, Main"
    url = reverse("senders:bulk", args=[tenant.pk])
    answer = client_of(administrator).post(url, {"rows": "\n".join(lines)})
    page = BeautifulSoup(answer.content, "html.parser")
    assert len(rows_of(page)) == BULK_SHOWN
    assert rows_of(page)[-1].startswith("251 ")
    assert "200 more rows are not shown: nothing is wrong with them." in " ".join(page.get_text().split())
    assert "1 of 300 rows needs a change" in " ".join(page.get_text().split())


def test_more_wrong_rows_than_are_shown_are_counted(tenant: Tenant, administrator: User, client_of: SignIn) -> None:
    answer = client_of(administrator).post(
        reverse("senders:bulk", args=[tenant.pk]), {"rows": "\n".join(["nonsense, S, Main"] * 150)}
    )
    text = " ".join(BeautifulSoup(answer.content, "html.parser").get_text().split())
    assert "50 more rows are not shown; 150 need a change in all, and the others follow when these are right." in text
