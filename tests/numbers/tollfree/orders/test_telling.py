"""A long story shows its newest chapters, and leads to the history and to all evidence."""

from collections.abc import Callable

from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from genesys_cloud.access import Access
from portal.accounts.models import User
from tests.support.pages import pages
from tests.tollfree.inventory.stories import an_order
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.timeline import MOST_CHAPTERS, timeline_of, with_facts

SignIn = Callable[[User], Client]


def looked(order: NumberOrder, how_many: int) -> None:
    """Let a worker have looked for it so often, and learned nothing."""
    Evidence.objects.bulk_create(
        Evidence(
            order=order, at=timezone.now(), kind=EvidenceKind.NOT_LISTED, sentence=f"Look {number:03} saw nothing."
        )
        for number in range(how_many)
    )


def test_a_short_story_is_whole(access: Access) -> None:
    order = an_order(access)
    looked(order, MOST_CHAPTERS)
    assert (len(timeline_of(order).chapters), timeline_of(order).is_cut) == (MOST_CHAPTERS, False)


def test_a_long_one_shows_the_newest_and_leads_to_the_others(access: Access, auditor: User, client_of: SignIn) -> None:
    order, client = an_order(access), client_of(auditor)
    looked(order, MOST_CHAPTERS + 30)
    page = BeautifulSoup(client.get(reverse("order", args=[order.pk])).content, "html.parser")
    text = page.get_text()
    assert (text.count("saw nothing"), "Look 029" in text, "Look 030" in text) == (MOST_CHAPTERS, False, True)
    assert f"These are the newest {MOST_CHAPTERS}." in text
    links = {link.get_text(strip=True): str(link["href"]) for link in page.select("main p a")}
    assert links["the history"] == f"{reverse('history:list')}?tenant={order.tenant_id}&target=order:{order.pk}"
    seen = [
        part.get_text() for page in pages(client, links["the evidence"]) for part in page.select("main .timeline > li")
    ]
    assert [f"Look {number:03}" in part for number, part in enumerate(reversed(seen))] == [True] * (MOST_CHAPTERS + 30)


def test_the_page_of_the_decision_has_all_evidence_too(access: Access, representative: User, client_of: SignIn) -> None:
    order = an_order(access, state=OrderState.UNDER_REVIEW)
    looked(order, 45)
    found = pages(client_of(representative), reverse("order_review", args=[order.pk]), "#evidence")
    assert sum(len(page.select("#evidence ol > li")) for page in found) == 45


def test_facts_that_say_nothing_are_left_out(access: Access) -> None:
    facts: dict[str, object] = {"status": "ACTIVE", "comment": "", "owner": None, "errors": [], "count": 0}
    evidence = Evidence(order=an_order(access), at=timezone.now(), kind=EvidenceKind.LISTED, sentence="", facts=facts)
    assert with_facts([evidence]) == [(evidence, [("count", 0), ("status", "ACTIVE")])]
