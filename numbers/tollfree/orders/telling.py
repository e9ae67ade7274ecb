"""Timeline of an order or a release: events, evidence and requests, in chronological order."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.history.lines import lines
from portal.outbound.showing import CallOnPage, calls_of
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder, Release
from tollfree.orders.states import OrderState, ReleaseState

_TITLES: Final[dict[str, tuple[str, str]]] = {
    Verb.ORDER_DRAFTED: ("Drafted", "neutral"),
    Verb.ORDER_CONFIRMED: ("Confirmed", "neutral"),
    Verb.ORDER_APPROVED: ("Approved", "good"),
    Verb.ORDER_DECLINED: ("Declined", "bad"),
    Verb.ORDER_CANCELLED: ("Cancelled", "neutral"),
    Verb.ORDER_DELAYED: ("Put off", "warning"),
    Verb.ORDER_SENDING: ("About to be sent", "running"),
    Verb.ORDER_PLACED: ("Placed", "good"),
    Verb.ORDER_REFUSED: ("Refused", "bad"),
    Verb.ORDER_REFUSAL_NOTED: ("Somebody took note of it", "neutral"),
    Verb.ORDER_UNKNOWN: ("Outcome unknown", "warning"),
    Verb.ORDER_LATE_ANSWER: ("A late answer", "warning"),
    Verb.ORDER_UNDER_REVIEW: ("Under review", "warning"),
    Verb.ORDER_LOOK_ASKED: ("Asked to look again", "neutral"),
    Verb.ORDER_NOT_PLACED: ("Closed as not placed", "neutral"),
    Verb.ORDER_COMPLETED: ("Completed", "good"),
    Verb.ORDER_RELEASED: ("Released", "neutral"),
    Verb.ORDER_COMMENT_CHANGED: ("Comment changed", "neutral"),
    Verb.RELEASE_ASKED: ("Release asked for", "neutral"),
    Verb.RELEASE_APPROVED: ("Approved", "good"),
    Verb.RELEASE_DECLINED: ("Declined", "bad"),
    Verb.RELEASE_TAKEN_BACK: ("Taken back", "neutral"),
    Verb.RELEASE_DELAYED: ("Put off", "warning"),
    Verb.RELEASE_SENDING: ("About to be sent", "running"),
    Verb.RELEASE_UNKNOWN: ("Outcome unknown", "warning"),
    Verb.RELEASE_UNDER_REVIEW: ("Under review", "warning"),
    Verb.RELEASE_REFUSED: ("Refused", "bad"),
    Verb.RELEASE_LOOK_ASKED: ("Asked to look again", "neutral"),
    Verb.RELEASE_KEPT: ("Closed as kept", "neutral"),
    Verb.RELEASE_DONE: ("Released", "good"),
}
#: Number of entries on a page; the history and the evidence pages show all.
MOST_CHAPTERS = 40
_TONE_OF_PROOF: Final = {True: "good", False: "bad", None: "neutral"}
#: Kinds of evidence that an event reports already.
_TOLD_TWICE: Final = frozenset({EvidenceKind.ANSWER, EvidenceKind.LATE_ANSWER, EvidenceKind.DECISION})


@dataclass
class Chapter:
    """One entry of the timeline, with the requests that led to it; `sentence` may be empty, `by` is the actor."""

    at: datetime
    title: str
    tone: str
    sentence: str = ""
    by: str = ""
    calls: list[CallOnPage] = field(default_factory=list)


@dataclass(frozen=True)
class Story:
    """The newest entries, in chronological order; `is_cut` is true if there are earlier ones."""

    chapters: list[Chapter]
    is_cut: bool


def story_of(order: NumberOrder) -> Story:
    """Return the order's timeline, with five queries."""
    evidence = order.evidence.exclude(kind__in=_TOLD_TWICE).order_by("-id")
    learned = [_learned(each) for each in evidence[: MOST_CHAPTERS + 1]]
    under_way = [order.pk] if order.state == OrderState.SENDING else []
    return _story([*_done("order", str(order.pk)), *learned], calls_of([order.pk], under_way)[order.pk])


def story_of_release(release: Release) -> Story:
    """Return the release's timeline."""
    under_way = [release.pk] if release.state == ReleaseState.SENDING else []
    return _story(_done("release", str(release.pk)), calls_of([release.pk], under_way)[release.pk])


def with_facts(evidence: Iterable[Evidence]) -> list[tuple[Evidence, list[tuple[str, Any]]]]:
    """Return pieces of evidence, each with its facts that are not empty, sorted by name."""
    return [(each, sorted(fact for fact in each.facts.items() if fact[1] not in (None, "", []))) for each in evidence]


def _done(kind: str, pk: str) -> list[Chapter]:
    newest = Event.objects.filter(target_type=kind, target_id=pk).order_by("-at", "-id")[: MOST_CHAPTERS + 1]
    events = list(newest)[::-1]
    told = zip(events, lines(events), strict=True)
    return [Chapter(line.at, *_titled(event.verb, line.sentence), line.reason, line.actor) for event, line in told]


def _titled(verb: str, sentence: str) -> tuple[str, str]:
    return _TITLES.get(verb, (sentence.capitalize(), "neutral"))


def _learned(evidence: Evidence) -> Chapter:
    tone = _TONE_OF_PROOF[evidence.says_bought]
    return Chapter(evidence.at, EvidenceKind(evidence.kind).label, tone, evidence.sentence)


def _story(found: list[Chapter], calls: Iterable[CallOnPage]) -> Story:
    """Attach each request to the first entry after it, or to the last entry if none followed."""
    chapters = sorted(found, key=lambda chapter: chapter.at)[-MOST_CHAPTERS:]
    for call in calls:
        after = (chapter for chapter in chapters if chapter.at > call.call.sent_at)
        if chapter := next(after, chapters[-1] if chapters else None):
            chapter.calls.append(call)
    return Story(chapters, is_cut=len(found) > MOST_CHAPTERS)
