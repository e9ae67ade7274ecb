"""Calls as pages show them."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from portal.outbound.models import Call
from portal.outbound.wording import answer_text, request_text


@dataclass(frozen=True)
class CallOnPage:
    """One request, as texts; `outcome` is its status, or a word where none came."""

    call: Call
    outcome: str
    request: str
    answer: str


def calls_of(subjects: Collection[UUID], under_way: Collection[UUID] = ()) -> dict[UUID, list[CallOnPage]]:
    """Return the calls of each subject (a step, a rehearsal), the oldest first: one query for all of them.

    The last call of a subject that is `under_way` may still be answered; any other open one lost its worker.
    """
    calls: dict[UUID, list[Call]] = {subject: [] for subject in subjects}
    for call in Call.objects.filter(subject_id__in=subjects).order_by("id"):
        if call.subject_id is not None:
            calls[call.subject_id].append(call)
    return {
        subject: [_shown(call, waiting=subject in under_way and call is own[-1]) for call in own]
        for subject, own in calls.items()
    }


def _shown(call: Call, *, waiting: bool) -> CallOnPage:
    if call.status:
        outcome = str(call.status)
    elif call.finished_at:
        outcome = "no answer"
    else:
        outcome = "on its way" if waiting else "its worker ended before the answer came"
    return CallOnPage(call, outcome, request_text(call), answer_text(call))
