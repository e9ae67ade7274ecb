"""The sweeper loses nothing and tries nothing without end, and what fails stops nothing else."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from portal.audit.models import Event
from portal.core import isolation
from portal.core.tasks import sweeper
from portal.core.tasks.sweeper import Kind
from portal.tenants.models import Tenant
from tests.portal.core.tasks.spent import MAKERS
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]

KINDS = {kind.name: kind for kind in sweeper.kinds()}


class Broken(RuntimeError):
    """Something that nobody foresaw."""


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


@pytest.fixture
def rows(request: pytest.FixtureRequest, tenant: Tenant, other_tenant: Tenant) -> list[Any]:
    """Two rows of the kind that the test names, in the order in which the sweeper comes to them."""
    make = MAKERS[request.getfixturevalue("name")]
    return [make(tenant, 1), make(other_tenant, 2)]


@pytest.fixture
def registered() -> Iterator[None]:
    """What a test registers is taken away again."""
    before = dict(sweeper._kinds)  # noqa: SLF001 - there is no public way to unregister
    yield
    sweeper._kinds.clear()  # noqa: SLF001 - the same
    sweeper._kinds.update(before)  # noqa: SLF001 - the same


def waiting(kind: Kind) -> list[UUID]:
    return [row.pk for row in kind.claimable(timezone.now())]


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [each for each in caplog.records if each.name == isolation.__name__]


def let_it_lie_with_tries(kind: Kind, rows: list[Any]) -> None:
    """These rows have tries left."""
    QuerySet(type(rows[0])).filter(pk__in=[row.pk for row in rows]).update(**{kind.tries: 1})


def test_each_kind_of_queued_work_is_tried_here() -> None:
    assert set(KINDS) == set(MAKERS)


@pytest.mark.parametrize("name", MAKERS)
def test_what_was_begun_too_often_ends_in_words(name: str, rows: list[Any], published: list[str]) -> None:
    before = Event.objects.count()
    assert sweep(KINDS[name]) == 0
    assert not {str(row.pk) for row in rows} & set(published)
    assert waiting(KINDS[name]) == []
    reasons = [event for event in Event.objects.order_by("pk")[before:] if event.verb != "service.unclear"]
    assert len(reasons) == len(rows)


@pytest.mark.parametrize("name", MAKERS)
def test_one_that_cannot_be_given_up_stops_no_other(
    name: str, rows: list[Any], published: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    kind, came = KINDS[name], list[UUID]()

    def fail_for_the_first(pk: UUID) -> object:
        came.append(pk)
        if len(came) == 1:
            raise Broken
        return kind.give_up(pk)

    sweep(replace(kind, give_up=fail_for_the_first))
    assert sorted(came) == sorted(row.pk for row in rows)
    assert waiting(kind) == [came[0]]
    assert len(errors(caplog)) == 1
    caplog.clear()
    sweep(kind)  # it was marked, so that it never stands before the others
    assert errors(caplog) == []


@pytest.mark.parametrize("name", MAKERS)
def test_a_kind_that_fails_stops_no_other_kind(
    name: str, rows: list[Any], registered: None, published: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    kind = KINDS[name]
    let_it_lie_with_tries(kind, rows)

    def broken(_: datetime) -> QuerySet[Any]:
        raise Broken

    sweeper._kinds.clear()  # noqa: SLF001 - the broken one comes first
    sweeper.register(replace(kind, name="broken", claimable=broken))
    sweeper.register(kind)
    assert sweep() >= len(rows)
    assert {str(row.pk) for row in rows} <= set(published)
    assert len(errors(caplog)) == 1


@pytest.mark.parametrize("name", MAKERS)
def test_a_lost_message_is_published_again_and_then_gets_its_time(
    name: str, rows: list[Any], published: list[str]
) -> None:
    kind = KINDS[name]
    let_it_lie_with_tries(kind, rows)
    assert [sweep(kind), sweep(kind)] == [2, 0]
    assert sorted(published) == sorted(str(row.pk) for row in rows)
    QuerySet(type(rows[0])).update(**{kind.published_at: timezone.now() - 2 * kind.patience()})
    assert sweep(kind) == 2


@pytest.mark.parametrize("name", MAKERS)
def test_a_chore_that_fails_stops_no_kind(
    name: str, rows: list[Any], published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise Broken

    monkeypatch.setitem(sweeper._chores, "broken", broken)  # noqa: SLF001 - there is no public way to unregister
    let_it_lie_with_tries(KINDS[name], rows)
    assert sweep() >= len(rows)


@pytest.mark.parametrize("name", MAKERS)
def test_what_somebody_else_has_in_hand_is_left_alone(name: str, rows: list[Any], published: list[str]) -> None:
    kind = KINDS[name]
    let_it_lie_with_tries(kind, rows)
    if kind.due:
        QuerySet(type(rows[0])).update(**{kind.due: timezone.now() + kind.patience()})
    else:
        QuerySet(type(rows[0])).update(**{f"{kind.prefix}lease_until": timezone.now() + kind.patience()})
    if hasattr(rows[0], "state") and kind.name in {"webhook tests", "evidence packs", "cluster keys"}:
        QuerySet(type(rows[0])).update(state="running")
    assert sweep(kind) == 0
    assert QuerySet(type(rows[0])).filter(**{kind.tries: 1}).count() == 2
