"""Calls as pages show them: the newest of each subject, and texts that are too long to read cut short."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from portal.outbound.models import Call
from portal.outbound.wording import answer_text, request_text

#: So many calls of a subject stand on a page; the page of its calls has all.
MOST_SHOWN = 10
#: Longer texts are cut; the page of the one call has all of it.
LONGEST_TEXT = 6_000


@dataclass(frozen=True)
class CallOnPage:
    """One request, as texts; `outcome` is its status, or a word where none came.

    `number` is its place among all calls of its subject. `earlier` ones stand before it and are not shown; only the
    first that is shown has any. `is_cut` says that a text is longer than what is shown of it.
    """

    call: Call
    outcome: str
    request: str
    answer: str
    number: int = 1
    earlier: int = 0
    is_cut: bool = False


def calls_of(subjects: Collection[UUID], under_way: Collection[UUID] = ()) -> dict[UUID, list[CallOnPage]]:
    """Return the newest calls of each subject (a step, a rehearsal), the oldest first: one query for all of them.

    The last call of a subject that is `under_way` may still be answered; any other open one lost its worker.
    """
    calls: dict[UUID, list[CallOnPage]] = {subject: [] for subject in subjects}
    back = Window(RowNumber(), partition_by=F("subject_id"), order_by=F("id").desc())
    newest = Call.objects.annotate(back=back, total=Window(Count("id"), partition_by=F("subject_id")))
    for call in newest.filter(subject_id__in=subjects, back__lte=MOST_SHOWN).order_by("id"):
        if call.subject_id is not None:
            of_subject, is_last = calls[call.subject_id], call.back == 1
            waiting = "on its way" if is_last and call.subject_id in under_way else ""
            number = call.total - call.back + 1
            shown = as_shown(call, waiting, number=number, earlier=0 if of_subject else number - 1)
            of_subject.append(shown)
    return calls


def as_shown(call: Call, waiting: str = "", *, number: int = 1, earlier: int = 0, whole: bool = False) -> CallOnPage:
    """Return one call; `waiting` is the word for one without an answer that may still come."""
    if call.status:
        outcome = str(call.status)
    elif call.finished_at:
        outcome = "no answer"
    else:
        outcome = waiting or "its worker ended before the answer came"
    texts = (request_text(call), answer_text(call))
    is_cut = not whole and any(len(text) > LONGEST_TEXT for text in texts)
    request, answer = (text[:LONGEST_TEXT] if is_cut else text for text in texts)
    return CallOnPage(call, outcome, request, answer, number, earlier, is_cut)
