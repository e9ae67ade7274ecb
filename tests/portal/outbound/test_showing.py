"""A page shows the newest calls of each subject, says how many there were before, and cuts long texts."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.http_client.models import Call
from portal.http_client.presenters import LONGEST_TEXT, MOST_SHOWN, as_shown, calls_of

pytestmark = [pytest.mark.django_db, pytest.mark.databases]


def sent(subject: UUID, how_many: int = 1, **fields: object) -> list[Call]:
    facts: dict[str, Any] = {
        "destination": "nexus",
        "purpose": "create SMS",
        "method": "POST",
        "url": "http://127.0.0.1:9/",
    }
    facts |= {"sent_at": timezone.now(), "subject_id": subject} | fields
    return Call.objects.bulk_create([Call(**facts) for _ in range(how_many)])


def test_the_newest_are_shown_the_oldest_of_them_first_and_the_others_are_counted() -> None:
    often, once, never = uuid4(), uuid4(), uuid4()
    calls, [only] = sent(often, MOST_SHOWN + 5, status=500), sent(once, status=200)
    with CaptureQueriesContext(connection) as asked:
        found = calls_of([often, once, never])
    assert len(asked) == 1
    assert [shown.call.pk for shown in found[often]] == [call.pk for call in calls[5:]]
    assert [shown.number for shown in found[often]] == list(range(6, MOST_SHOWN + 6))
    assert [shown.earlier for shown in found[often]] == [5] + [0] * (MOST_SHOWN - 1)
    assert [(shown.call.pk, shown.number, shown.earlier) for shown in found[once]] == [(only.pk, 1, 0)]
    assert found[never] == []


def test_only_the_last_call_of_what_is_under_way_may_still_be_answered() -> None:
    one, other = uuid4(), uuid4()
    sent(one, 2)
    sent(other)
    found = calls_of([one, other], under_way=[one])
    lost = "its worker ended before the answer came"
    assert [shown.outcome for shown in found[one]] == [lost, "on its way"]
    assert [shown.outcome for shown in found[other]] == [lost]


def test_a_long_text_is_cut_and_says_so_and_is_whole_when_asked_for() -> None:
    [call] = sent(uuid4(), status=200, request_body="short", answer_body="x" * (LONGEST_TEXT + 1))
    cut, whole = as_shown(call), as_shown(call, whole=True)
    assert (cut.is_cut, len(cut.answer)) == (True, LONGEST_TEXT)
    assert cut.request == whole.request
    assert (whole.is_cut, whole.answer) == (False, f"200\n\n{call.answer_body}")
