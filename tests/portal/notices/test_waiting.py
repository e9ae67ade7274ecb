"""A kind that fails leaves the others their count and their place on the page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.notifications import kinds
from portal.notifications.kinds import Kind, Notice
from portal.notifications.pending import badge, badge_of, piles
from portal.tenants.models import Tenant
from tollfree.requests.actions import send_request
from tollfree.requests.models import NumberRequest, RequestKind

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


def fails_in_python(_: User) -> QuerySet[Any]:
    raise ZeroDivisionError


def fails_in_the_database(_: User) -> QuerySet[Any]:
    return NumberRequest.objects.annotate(odd=RawSQL("nothing_of_this_name()", [])).filter(odd=1)


def no_notice(_: Any) -> Notice:
    raise ZeroDivisionError


@pytest.fixture
def asked(actor: Actor, tenant: Tenant, representative: User) -> NumberRequest:
    """A request that waits for the representative."""
    return send_request(actor, tenant, kind=RequestKind.SHORT_CODE, note="five digits")


@pytest.fixture
def with_first(asked: NumberRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Kind], None]:
    """Put a kind before all others."""

    def put(kind: Kind) -> None:
        monkeypatch.setattr(kinds, "_kinds", {kind.key: kind, **kinds._kinds})  # noqa: SLF001 - the others stay

    return put


@pytest.mark.parametrize("rows", [fails_in_python, fails_in_the_database])
def test_a_kind_that_fails_leaves_the_others_their_count_and_place(
    rows: Callable[[User], QuerySet[Any]],
    with_first: Callable[[Kind], None],
    representative: User,
    client_of: Callable[[User], Client],
) -> None:
    with_first(Kind("broken", "Broken things", rows, no_notice))
    assert [badge(representative), badge_of("request")(representative)] == [1, 1]
    assert [(pile.kind.key, len(pile.notices), pile.failed) for pile in piles(representative)] == [
        ("broken", 0, True),
        ("request", 1, False),
    ]
    page = client_of(representative).get(reverse("notices:page")).text
    assert "Not everything could be shown" in page
    assert "New short code" in page


def test_a_notice_that_fails_leaves_the_others_of_its_kind(
    with_first: Callable[[Kind], None], actor: Actor, tenant: Tenant, representative: User
) -> None:
    request = kinds.kind_of("request")
    assert request is not None

    def all_but_the_first(row: NumberRequest) -> Notice:
        return request.notice(row) if row.note == "six digits" else no_notice(row)

    send_request(actor, tenant, kind=RequestKind.ORGANISATION, note="six digits")
    with_first(Kind("request", "Requests", request.rows, all_but_the_first))
    kinds.register(Kind("request", "Requests", request.rows, all_but_the_first))
    (pile,) = piles(representative)
    assert (len(pile.notices), pile.failed) == (1, True)


@pytest.mark.parametrize("rows", [fails_in_python, fails_in_the_database])
def test_the_page_of_a_kind_that_fails_says_so(
    rows: Callable[[User], QuerySet[Any]],
    with_first: Callable[[Kind], None],
    representative: User,
    client_of: Callable[[User], Client],
) -> None:
    with_first(Kind("broken", "Broken things", rows, no_notice))
    page = client_of(representative).get(reverse("notices:page"), {"kind": "broken"})
    assert page.status_code == 200
    assert "Not everything could be shown" in page.text
    assert "Nothing waits for you" not in page.text
