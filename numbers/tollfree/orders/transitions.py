"""State transitions of orders and releases: check the table, update the row conditionally, record the event."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from portal.core.tasks.publish import send_task_on_commit
from portal.http_client.call_log import facts_of
from portal.http_client.models import Call
from portal.notifications.mailing import announce
from portal.ui.labels import phone_words
from tollfree.orders.models import Evidence, EvidenceKind, NumberOrder, OrderGroup, Release
from tollfree.orders.states import FINAL, MOVES, RELEASE_LIVE, RELEASE_MOVES, OrderState, ReleaseState

GO_TASK = "tollfree.tasks.order_go"
RELEASE_TASK = "tollfree.tasks.order_release"


class NoticeKind(StrEnum):
    """Notification kinds of orders and releases that wait for a person."""

    APPROVAL = "approval"
    REVIEW = "review"
    REFUSED = "refused"
    RELEASE = "release"
    RELEASE_REVIEW = "release_review"
    DECIDED = "decided"
    RELEASE_DECIDED = "release_decided"


#: States that notify a person.
_TOLD = {OrderState.UNDER_REVIEW: NoticeKind.REVIEW, OrderState.REFUSED: NoticeKind.REFUSED}


class Overtaken(RuntimeError):
    """Another worker or user has changed or claimed the row in between; nothing was changed."""


class ImpossibleMove(ValueError):
    """The table has no such transition."""


def transition(  # noqa: PLR0913 - the fields of an event
    order: NumberOrder,
    to: OrderState,
    verb: Verb,
    actor: Actor,
    *,
    sentence: str = "",
    reason: str = "",
    call: Call | None = None,
    **facts: Any,
) -> None:
    """Change the order's state in the caller's transaction, if its state and fence are still those of `order`.

    `facts` are further columns; `due_at` and the lease are cleared unless they are given. The event also holds the
    facts of `call`. Raises Overtaken and ImpossibleMove.
    """
    before = OrderState(order.state)
    if to not in MOVES[before]:
        raise ImpossibleMove(f"{before} → {to}")
    over = dict.fromkeys(("due_at", "lease_until", "published_at", "look_asked_at", "resume_at")) | {"tries": 0}
    facts = over | {"sentence": sentence} | facts | {"state": to}
    if to in FINAL:
        facts["finished_at"] = timezone.now()
    heard = _heard(order, facts)
    if not _write(order, facts):
        raise Overtaken(f"{order.pk} is not {before} any more")
    changes = {"state": [before.value, to.value], **heard, **(facts_of(call) if call else {})}
    record_event(order, verb, actor, changes=changes, reason=reason or sentence)
    if to in _TOLD:
        announce(_TOLD[to], order.pk, order.tenant_id)


def _heard(order: NumberOrder, facts: Mapping[str, Any]) -> dict[str, list[str | None]]:
    """Return the changes in what Genesys Cloud reports about the order."""
    there = {name: getattr(order, name) for name in ("provider_order_id", "provider_word") if name in facts}
    return {name: [old or None, facts[name] or None] for name, old in there.items() if old != facts[name]}


def update_if_current(order: NumberOrder, **facts: Any) -> bool:
    """Update other columns, if nobody has changed the state or claimed the order since it was read; return whether.

    Raises ImpossibleMove for the column `state`: only a transition may change it.
    """
    _refuse_state(facts)
    return _write(order, facts)


def _refuse_state(facts: Mapping[str, Any]) -> None:
    if "state" in facts:
        raise ImpossibleMove("a state is changed by a move only")


def _write(order: NumberOrder, facts: Mapping[str, Any]) -> bool:
    # A worker that was paused beyond its lease finds a higher fence, and changes nothing.
    mine = NumberOrder.objects.filter(pk=order.pk, state=order.state, fence=order.fence)
    if not mine.update(**facts):
        return False
    for name, value in facts.items():
        setattr(order, name, value)
    return True


def record_event(
    order: NumberOrder, verb: Verb, actor: Actor, *, changes: Mapping[str, Any] | None = None, reason: str = ""
) -> None:
    """Record an event about the order in its tenant's history."""
    record(verb, target(order), actor, tenant_id=order.tenant_id, changes=changes, reason=reason)


def transition_release(
    release: Release, to: ReleaseState, verb: Verb, actor: Actor, *, call: Call | None = None, **facts: Any
) -> None:
    """Change a release's state in the same way. Raises Overtaken and ImpossibleMove."""
    before = ReleaseState(release.state)
    if to not in RELEASE_MOVES[before]:
        raise ImpossibleMove(f"{before} → {to}")
    over = {"due_at": None, "lease_until": None, "published_at": None, "tries": 0, "sentence": ""}
    facts = over | facts | {"state": to}
    if to not in RELEASE_LIVE:
        facts["finished_at"] = timezone.now()
    if not _write_release(release, facts):
        raise Overtaken(f"{release.pk} is not {before} any more")
    changes = {"state": [before.value, to.value], **(facts_of(call) if call else {})}
    record(verb, release_target(release), actor, tenant_id=release.tenant_id, changes=changes, reason=facts["sentence"])
    if to == ReleaseState.UNDER_REVIEW:
        announce(NoticeKind.RELEASE_REVIEW, release.pk, release.tenant_id)


def update_release_if_current(release: Release, **facts: Any) -> bool:
    """Update other columns of a release, if nobody has changed its state or claimed it; return whether.

    Raises ImpossibleMove for the column `state`.
    """
    _refuse_state(facts)
    return _write_release(release, facts)


def _write_release(release: Release, facts: Mapping[str, Any]) -> bool:
    mine = Release.objects.filter(pk=release.pk, state=release.state, fence=release.fence)
    if not mine.update(**facts):
        return False
    for name, value in facts.items():
        setattr(release, name, value)
    return True


def add_evidence(
    order: NumberOrder, kind: EvidenceKind, sentence: str, *, says_bought: bool | None = None, **facts: Any
) -> None:
    """Store evidence about the order; this changes no state."""
    Evidence.objects.create(
        order=order, at=timezone.now(), kind=kind, sentence=sentence, says_bought=says_bought, facts=facts
    )


def wake(order: NumberOrder, *, countdown: float = 0.0) -> None:
    """Send the order's task after the commit; if `countdown` is long, the sweeper sends it instead."""
    send_task_on_commit(GO_TASK, order.pk, countdown=countdown)


def target(order: NumberOrder) -> Target:
    """Return the order as an event's target."""
    return Target("order", str(order.pk), phone_words(order.number))


def release_target(release: Release) -> Target:
    """Return the release as an event's target."""
    return Target("release", str(release.pk), phone_words(release.number))


def worker_for(asked: OrderGroup | Release) -> Actor:
    """Return the worker as actor, on behalf of the user who ordered or requested the release."""
    return asked.orderer.at_work()
