"""One worker at a time has a row, and each claim counts."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from portal.core.tasks.claim import claim, held, is_free
from portal.identity.models import LockoutMail
from tests.provisioning.collisions.crowd import at_once

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def row() -> LockoutMail:
    return LockoutMail.objects.create(person_id=uuid4(), locked_at=timezone.now(), published_at=timezone.now())


def take(row: LockoutMail, *, seconds: float = 60) -> LockoutMail | None:
    now = timezone.now()
    return claim(LockoutMail.objects.filter(is_free(now)), row.pk, lease_until=now + timedelta(seconds=seconds))


def test_a_claim_counts_and_takes_the_message(row: LockoutMail) -> None:
    taken = take(row)
    assert taken is not None
    assert (taken.pk, taken.tries, taken.published_at) == (row.pk, 1, None)
    assert held(taken).exists()


def test_of_many_at_once_one_has_it(row: LockoutMail) -> None:
    taken = at_once([lambda: take(row)] * 6)
    assert [each is None for each in taken].count(False) == 1
    row.refresh_from_db()
    assert row.tries == 1


def test_nobody_else_has_it_before_the_lease_is_over(row: LockoutMail) -> None:
    first = take(row, seconds=-1)
    assert first is not None
    second = take(row)
    assert second is not None
    assert second.tries == 2
    assert take(row) is None
    assert [held(each).exists() for each in (first, second)] == [False, True]


def test_what_is_not_claimable_any_more_is_not_claimed(row: LockoutMail) -> None:
    LockoutMail.objects.all().delete()
    assert take(row) is None


def test_further_columns_are_written_with_the_claim(row: LockoutMail) -> None:
    now = timezone.now()
    taken = claim(LockoutMail.objects.all(), row.pk, lease_until=now, told_at=now)
    assert taken is not None
    assert taken.told_at == now
