from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.tollfree.inventory.pages import words
from tests.tollfree.inventory.stories import NUMBER, OTHER, an_order, owned, refreshed
from tollfree.inventory.models import InventoryRefresh, OwnedNumber
from tollfree.inventory.order_hooks import take_in

SignIn = Callable[[User], Client]


def test_the_list_shows_each_number_and_what_belongs_to_it(
    access: Access, tenant: Tenant, auditor: User, client_of: SignIn
) -> None:
    kept = take_in(an_order(access))
    page = client_of(auditor).get(reverse("numbers:list", args=[tenant.pk]))
    text = words(page)
    for part in ("+1 844 555 1212", "Not listed yet", "Not started", "Draft", "Hotline"):
        assert part in text
    assert reverse("numbers:page", args=[kept.pk]) in page.content.decode()
    assert "<form" not in page.content.decode().partition("<main")[2].partition("</main>")[0]


def test_without_numbers_it_says_where_they_come_from(
    set_up: Access, tenant: Tenant, representative: User, administrator: User, client_of: SignIn
) -> None:
    url = reverse("numbers:list", args=[tenant.pk])
    assert "Search for new ones, or refresh the list" in words(client_of(representative).get(url))
    assert "the Genesys representative orders them here" in words(client_of(administrator).get(url))


def test_the_button_asks_once_and_the_page_asks_for_itself_until_it_is_done(
    set_up: Access, tenant: Tenant, representative: User, client_of: SignIn
) -> None:
    client, url = client_of(representative), reverse("numbers:list", args=[tenant.pk])
    for _ in range(2):
        assert client.post(reverse("numbers:refresh", args=[tenant.pk])).status_code == 302
    page = client.get(url)
    assert f'hx-get="{url}" hx-trigger="every 1s" hx-select="#numbers"' in page.content.decode()
    assert "The list is being refreshed" in words(page)
    InventoryRefresh.objects.update(asked_at=None, ok=False, sentence="It broke.", finished_at=timezone.now())
    page = client.get(url)
    assert "hx-get" not in page.content.decode()
    assert "The last refresh failed It broke." in words(page)


def test_where_genesys_cloud_is_not_set_up_the_button_says_so(
    tenant: Tenant, representative: User, client_of: SignIn
) -> None:
    page = client_of(representative).post(reverse("numbers:refresh", args=[tenant.pk]), follow=True)
    assert "is not set up for this tenant" in words(page)


def test_the_list_costs_the_same_for_one_number_and_for_many(
    tenant: Tenant, auditor: User, client_of: SignIn, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for place in range(60):
        row = owned(tenant, f"1844555{place:04}", explained_at=timezone.now())
        SenderId.objects.create(tenant=tenant, number=row.number[1:], section=f"s{place}", provider="Portico")
    client, url = client_of(auditor), reverse("numbers:list", args=[tenant.pk])
    client.get(url)  # the first look at a tenant is remembered
    with django_assert_max_num_queries(17):
        page = client.get(url).content.decode()
    assert page.count("data-state=") == 100
    assert ">s59<" in page
    assert "older=" in page


def test_orphans_are_explained_on_their_panel(
    set_up: Access, tenant: Tenant, representative: User, client_of: SignIn
) -> None:
    rows = [owned(tenant), owned(tenant, OTHER)]
    client = client_of(representative)
    url, explain = reverse("numbers:list", args=[tenant.pk]), reverse("numbers:explain", args=[tenant.pk])
    assert words(client.get(url)).count("it was not ordered here") == 2
    again = client.post(explain, {"owned": [rows[0].pk], "explanation": ""})
    assert "Say in words what is behind it." in words(again)
    assert f'value="{rows[0].pk}" aria-label="+1 844 555 1212" checked' in " ".join(again.content.decode().split())
    again = client.post(explain, {"explanation": "Bought by hand."})
    assert "Pick the numbers that this explains." in words(again)
    assert "Bought by hand." in again.content.decode()
    done = client.post(explain, {"owned": [rows[0].pk], "explanation": "Bought by hand."}, follow=True)
    assert "1 number is explained." in words(done)
    assert words(done).count("it was not ordered here") == 1
    again = client.post(explain, {"owned": [rows[0].pk], "explanation": "Twice."})
    assert "One of these numbers is explained already." in words(again)


def test_a_numbers_page_tracks_its_verification(
    access: Access, tenant: Tenant, representative: User, client_of: SignIn
) -> None:
    kept, client = take_in(an_order(access)), client_of(representative)
    url, note = reverse("numbers:page", args=[kept.pk]), reverse("numbers:verification", args=[kept.pk])
    assert "Keep the note only" in words(client.get(url))
    wrong = client.post(note, {"state": "refused", "seen": "not_started", "note": ""})
    assert "Write down why it was refused." in words(wrong)
    stale = client.post(note, {"state": "verified", "seen": "in_review", "note": "Mail of Monday."})
    assert "Somebody changed it to “Not started”" in words(stale)
    assert "Mail of Monday." in stale.content.decode()  # nothing that was typed is lost
    assert client.post(note, {"state": "nonsense"}).status_code == 200
    told = client.post(note, {"state": "form_sent", "seen": "not_started", "note": "Sent to Genesys."}, follow=True)
    assert "Sent to Genesys. by representative@example.com" in words(told)
    kept.refresh_from_db()
    assert kept.verification == "form_sent"


def test_what_genesys_tells_is_text_and_no_html(tenant: Tenant, auditor: User, client_of: SignIn) -> None:
    kept = owned(tenant, comment="<script>alert(1)</script>", more={"<b>new</b>": {"deep": ["<i>"]}})
    page = client_of(auditor).get(reverse("numbers:page", args=[kept.pk])).content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;b&gt;new" in page


@pytest.mark.parametrize("name", ["list", "refresh", "explain", "search", "page", "verification"])
def test_strangers_find_nothing_and_readers_change_nothing(
    tenant: Tenant, outsider: User, auditor: User, client_of: SignIn, name: str
) -> None:
    kept = owned(tenant)
    about = kept.pk if name in {"page", "verification"} else tenant.pk
    method = "post" if name in {"refresh", "explain", "verification"} else "get"
    url, said = reverse(f"numbers:{name}", args=[about]), {"state": "verified", "owned": kept.pk, "explanation": "x"}
    assert getattr(client_of(outsider), method)(url, said).status_code == 404
    allowed = 200 if name in {"list", "page"} else 403
    assert getattr(client_of(auditor), method)(url, said).status_code == allowed
    assert OwnedNumber.objects.filter(verification="not_started", explained_at=None).count() == 1
    assert not InventoryRefresh.objects.exists()


def test_the_tenants_page_leads_there(tenant: Tenant, representative: User, client_of: SignIn) -> None:
    client, url = client_of(representative), reverse("tenant", args=[tenant.pk])
    assert reverse("numbers:list", args=[tenant.pk]) not in client.get(url).content.decode()
    owned(tenant, NUMBER)
    assert reverse("numbers:list", args=[tenant.pk]) in client.get(url).content.decode()


def test_a_refresh_is_written_down_for_the_page(
    set_up: Access, tenant: Tenant, representative: User, client_of: SignIn
) -> None:
    refreshed(representative, tenant)
    page = client_of(representative).get(reverse("numbers:list", args=[tenant.pk]))
    assert "Genesys Cloud lists 0 numbers." in words(page)
