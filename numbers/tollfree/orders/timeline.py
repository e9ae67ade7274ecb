"""Timeline of an order or a release: events, evidence and requests, in chronological order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.history.event_rows import lines
from portal.http_client.presenters import CallOnPage, calls_of
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
class Timeline:
    """The newest entries, in chronological order; `is_cut` is true if there are earlier ones."""

    chapters: list[Chapter]
    is_cut: bool


def timeline_of(order: NumberOrder) -> Timeline:
    """Return the order's timeline, with five queries."""
    evidence = order.evidence.exclude(kind__in=_TOLD_TWICE).order_by("-id")
    learned = [_learned(each) for each in evidence[: MOST_CHAPTERS + 1]]
    under_way = [order.pk] if order.state == OrderState.SENDING else []
    return _story([*_done("order", str(order.pk)), *learned], calls_of([order.pk], under_way)[order.pk])


def timeline_of_release(release: Release) -> Timeline:
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


def _story(found: list[Chapter], calls: Iterable[CallOnPage]) -> Timeline:
    """Attach each request to the first entry after it, or to the last entry if none followed."""
    chapters = sorted(found, key=lambda chapter: chapter.at)[-MOST_CHAPTERS:]
    for call in calls:
        after = (chapter for chapter in chapters if chapter.at > call.call.sent_at)
        if chapter := next(after, chapters[-1] if chapters else None):
            chapter.calls.append(call)
    return Timeline(chapters, is_cut=len(found) > MOST_CHAPTERS)


_S, _R = OrderState, ReleaseState

_NEW_ORDER = "Ordering the number again is a new order: search for it."


TO_DO: Final[Mapping[OrderState, str]] = {
    _S.DRAFT: "Nothing is ordered yet, and nothing costs. Look at the cost and confirm it, or cancel.",
    _S.AWAITING_APPROVAL: "A second person must approve it. Nothing is sent before.",
    _S.QUEUED: "A worker sends it by itself, also if you leave this page. Until then it can be cancelled.",
    _S.SENDING: "The request is on its way. Wait; do not order the number elsewhere.",
    _S.UNKNOWN: "Do not order the number elsewhere: it may be bought. The portal looks for it by itself.",
    _S.UNDER_REVIEW: "Ask your Genesys contact whether the number was bought, then decide on the evidence.",
    _S.PLACED: "Nothing is to be done. The portal asks Genesys Cloud how far it is; after three days a person decides.",
    _S.COMPLETED: "The number is yours and in the inventory. Finish its sender ID, and have it verified.",
    _S.DECLINED: f"Nothing was sent. {_NEW_ORDER}",
    _S.CANCELLED: f"Nothing was sent. {_NEW_ORDER}",
    _S.REFUSED: f"Nothing was bought. Mend what is named above. {_NEW_ORDER}",
    _S.NOT_PLACED: f"A person decided that nothing was bought. {_NEW_ORDER}",
    _S.RELEASED: "The number was given back; it costs nothing any more.",
}


#: For a refused order whose number the client already owns.
IS_YOURS: Final = "Nothing is to be ordered: the number is in the inventory after its next refresh. Take note of it."


TONES: Final[Mapping[OrderState, str]] = {
    _S.DRAFT: "neutral",
    _S.AWAITING_APPROVAL: "waiting",
    _S.QUEUED: "waiting",
    _S.SENDING: "running",
    _S.UNKNOWN: "warning",
    _S.UNDER_REVIEW: "warning",
    _S.PLACED: "running",
    _S.COMPLETED: "good",
    _S.DECLINED: "bad",
    _S.CANCELLED: "neutral",
    _S.REFUSED: "bad",
    _S.NOT_PLACED: "neutral",
    _S.RELEASED: "neutral",
}


RELEASE_TO_DO: Final[Mapping[ReleaseState, str]] = {
    _R.AWAITING_APPROVAL: "A second person must approve it. The waiting time begins after that.",
    _R.WAITING: "Until the waiting time ends it can be taken back, and the number stays.",
    _R.SENDING: "The request is on its way.",
    _R.UNKNOWN: "Nothing is to be done: the portal checks the list of Genesys Cloud again by itself.",
    _R.UNDER_REVIEW: "Look into Genesys Cloud, or ask your Genesys contact. Then decide below.",
    _R.RELEASED: "The number was given back; it costs nothing any more.",
    _R.REFUSED: "The number is kept and goes on costing. Mend what is named above, then ask again.",
    _R.TAKEN_BACK: "The number is kept.",
    _R.DECLINED: "The number is kept.",
}


RELEASE_TONES: Final[Mapping[ReleaseState, str]] = {
    _R.AWAITING_APPROVAL: "waiting",
    _R.WAITING: "waiting",
    _R.SENDING: "running",
    _R.UNKNOWN: "warning",
    _R.UNDER_REVIEW: "warning",
    _R.RELEASED: "good",
    _R.REFUSED: "bad",
    _R.TAKEN_BACK: "neutral",
    _R.DECLINED: "bad",
}
