"""Presentation of calls for pages: the newest of each subject, with long texts cut."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from portal.http_client.models import Call

#: Calls of a subject on a page of several subjects; its own page shows all.
MOST_SHOWN = 10

#: Longer texts are cut; the page of a single call shows all of it.
LONGEST_TEXT = 6_000


@dataclass(frozen=True)
class CallOnPage:
    """A call as texts; `outcome` is its status, or a word if there is none.

    `number` is its position among all calls of its subject. `earlier` is the number of omitted calls before it, set
    only on the first one shown. `is_cut` means that a text was cut.
    """

    call: Call
    outcome: str
    request: str
    answer: str
    number: int = 1
    earlier: int = 0
    is_cut: bool = False


def calls_of(subjects: Collection[UUID], under_way: Collection[UUID] = ()) -> dict[UUID, list[CallOnPage]]:
    """Return the newest calls of each subject (a step, a webhook test), oldest first, with one query for all.

    The last call of a subject in `under_way` may still get a response; any other open call lost its worker.
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
    """Return a call for display; `waiting` is the word for an open call that may still get a response."""
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


def request_text(call: Call) -> str:
    """Return method, URL, headers and body of a call; secrets appear as `$names`."""
    return _message(f"{call.method} {call.url}", call.request_headers, call.request_body)


def answer_text(call: Call) -> str:
    """Return status, headers and body of its response, redacted; "" without a response."""
    return _message(str(call.status), call.answer_headers, call.answer_body) if call.status else ""


def _message(first: str, headers: dict[str, str], body: str) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + (f"\n\n{body}" if body else "")
