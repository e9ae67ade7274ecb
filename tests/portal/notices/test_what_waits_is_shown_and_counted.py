from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.notifications import kinds
from portal.notifications.kinds import Kind, Notice
from portal.notifications.pending import MOST_COUNTED, MOST_SHOWN, PAGE, badge, badge_of, piles
from portal.tenants.models import Tenant
from tests.tollfree.inventory.stories import owned
from tollfree.requests.actions import answer_request, send_request
from tollfree.requests.models import NumberRequest, RequestKind, RequestState

SignIn = Callable[[User], Client]


@pytest.fixture
def asked(actor: Actor, tenant: Tenant) -> NumberRequest:
    return send_request(actor, tenant, kind=RequestKind.SHORT_CODE, note="five digits")


@pytest.fixture
def no_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", {})


def test_it_stands_on_the_page_of_those_who_can_do_something(
    asked: NumberRequest, tenant: Tenant, representative: User, outsider: User, client_of: SignIn
) -> None:
    owned(tenant, verification="needs_answer", verification_at=timezone.now())
    page = client_of(representative).get(reverse("notices:page")).content.decode()
    for part in ("New short code", "Asked by administrator@example.com.", "+1 844 555 1212", "Acme"):
        assert part in page
    assert reverse("tollfree:request", args=[asked.pk]) in page
    for user in (User.objects.get(email="administrator@example.com"), outsider):
        assert "Nothing waits for you" in client_of(user).get(reverse("notices:page")).content.decode()


@pytest.mark.databases
def test_the_count_is_one_query_for_all_kinds(
    asked: NumberRequest, tenant: Tenant, representative: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owned(tenant, verification="needs_answer", verification_at=timezone.now())
    owned(tenant, "18335550100", verification="needs_answer", verification_at=timezone.now())
    with django_assert_num_queries(1):
        assert badge(representative) == 3
        assert [badge_of(key)(representative) for key in ("request", "verification", "nothing")] == [1, 2, 0]


def test_the_count_stands_in_the_sidebar_until_it_is_done(
    asked: NumberRequest, representative: User, client_of: SignIn
) -> None:
    def badge() -> str:
        page = client_of(representative).get(reverse("tenants:list")).content.decode()
        entry = page[page.index(f'href="{reverse("notices:page")}"') :]
        return entry[: entry.index("</a>")]

    assert ">1<" in badge()
    answer_request(person(representative), asked, state=RequestState.DONE, answer="72345")
    assert "count" not in badge()


def test_nobody_counts_beyond_what_is_shown(no_kinds: None, tenant: Tenant, representative: User) -> None:
    NumberRequest.objects.bulk_create(
        NumberRequest(tenant=tenant, kind="short_code", number=str(number), asked_at=timezone.now(), asked_by_label="a")
        for number in range(10_000, 10_000 + MOST_COUNTED + 1)
    )
    assert (badge(User.objects.get(pk=representative.pk)), piles(representative)) == (
        0,
        [],
    )  # no room has registered anything
    kinds.register(
        Kind(
            "all",
            "All",
            rows=lambda _: NumberRequest.objects.order_by("number"),
            notice=lambda asked: Notice(asked.number, "Acme", "/", asked.asked_at),
        )
    )
    assert badge(User.objects.get(pk=representative.pk)) == MOST_COUNTED
    pile = piles(representative)[0]
    assert (len(pile.notices), pile.more, pile.notices[0].title) == (MOST_SHOWN, True, "10000")


def test_all_of_a_kind_stand_on_pages_of_their_own(tenant: Tenant, representative: User, client_of: SignIn) -> None:
    many = [
        NumberRequest(tenant=tenant, kind="short_code", number=str(n), asked_at=timezone.now(), asked_by_label="a")
        for n in range(10_000, 10_000 + 2 * PAGE + 1)
    ]
    NumberRequest.objects.bulk_create(many)
    client, url = client_of(representative), reverse("notices:page")

    def links(query: str) -> tuple[list[str], dict[str, str]]:
        page = BeautifulSoup(client.get(f"{url}{query}").content, "html.parser")
        rows = [str(each["href"]) for each in page.select("main a.name")]
        return rows, {each.get_text(" ", strip=True): str(each["href"]) for each in page.select("main p a, .pager a")}

    first, others = links("")
    assert len(first) == MOST_SHOWN
    seen, turned = [], links(others["All of “Requests to the representative”"])
    while True:
        seen += turned[0]
        if "Newer" not in turned[1]:
            break
        turned = links(turned[1]["Newer"])
    assert seen == [reverse("tollfree:request", args=[each.pk]) for each in many]
    assert links(turned[1]["Older"])[0] == seen[PAGE : 2 * PAGE]


@pytest.mark.parametrize("query", ["?kind=nothing", "?kind=request&after=-1", "?kind=request&after=9" + 30 * "9"])
def test_a_page_that_nobody_led_to_is_no_error(representative: User, client_of: SignIn, query: str) -> None:
    assert client_of(representative).get(f"{reverse('notices:page')}{query}").status_code == 200
