"""Where more is known to one side only, or noted of a number, than stands on a page, the page leads to the rest."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.tenants.models import Tenant
from tests.support.pages import pages
from tests.tollfree.inventory.stories import NUMBER, an_order, owned
from tollfree.inventory.models import VerificationNote
from tollfree.inventory.orphans import MOST_SHOWN, orphans_of

SignIn = Callable[[User], Client]


def test_all_numbers_that_one_side_knows_are_on_pages(
    access: Access, tenant: Tenant, auditor: User, client_of: SignIn
) -> None:
    owned(tenant, order=an_order(access))
    odd = [owned(tenant, f"1844{number:07}") for number in range(60)]
    client, url = client_of(auditor), reverse("numbers:list", args=[tenant.pk])
    page = BeautifulSoup(client.get(url).content, "html.parser")
    assert len(page.select("#orphans li")) == MOST_SHOWN
    [link] = page.select("#orphans > .panel-body > p a")
    seen = [str(link["href"]) for page in pages(client, str(link["href"])) for link in page.select("table a.name")]
    assert sorted(seen) == sorted(reverse("numbers:page", args=[each.pk]) for each in odd)


def test_many_of_them_are_told_by_as_many_queries_as_one(access: Access, tenant: Tenant) -> None:
    asked = []
    for number in range(2):
        owned(tenant, f"1844{number:07}")
        with CaptureQueriesContext(connection) as captured:
            assert len(orphans_of(tenant)) == number + 1
        asked.append(len(captured))
    assert asked[0] == asked[1]


def test_the_notes_of_a_long_verification_are_on_pages(tenant: Tenant, auditor: User, client_of: SignIn) -> None:
    number = owned(tenant, NUMBER)
    VerificationNote.objects.bulk_create(
        VerificationNote(owned=number, at=timezone.now(), state="in_review", note=f"Note {n:02}.", by_label="a")
        for n in range(45)
    )
    found = pages(client_of(auditor), reverse("numbers:page", args=[number.pk]), "#verification")
    text = " ".join(page.select("#verification")[0].get_text() for page in found)
    assert [text.count(f"Note {n:02}.") for n in range(45)] == [1] * 45
