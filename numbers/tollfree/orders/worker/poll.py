"""Polling of placed orders: asks Genesys Cloud for the order's status until it ends. No task sleeps in between.

The row holds the time of the next poll. Intervals grow from seconds to hours; after some days a person decides.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.utils import timezone

from genesys_cloud import diagnosis
from genesys_cloud.client import order_status
from genesys_cloud.responses import OrderEnd, ProviderOrder, TollfreeNumber
from genesys_cloud.tokens import UNASKABLE
from portal.audit.actors import SYSTEM
from portal.audit.context import acting
from portal.audit.transactions import atomic, in_turn
from portal.audit.verbs import Verb
from portal.core.logging.formatters import running
from portal.core.tasks.failpoints import failpoint
from portal.http_client.errors import NotFound, OutboundError
from tollfree.orders import completion
from tollfree.orders.models import EvidenceKind, NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.transitions import Overtaken, add_evidence, record_event, transition, update_if_current, wake
from tollfree.orders.worker.lookup import facts_of, last_decision, look_for
from tollfree.orders.worker.resolve import is_extra, look_next
from tollfree.orders.worker.results import facts_of as facts_of_order

LONGEST_SECONDS = 6 * 3600.0
#: Polls in a row without result, or failed, before a person must decide: about three days.
MOST_POLLS = 20
#: [inferred] status words of a listed number that can be used.
_USABLE = frozenset({"ACTIVE", "COMPLETED", "COMPLETE"})

Step = Callable[[], None]


def poll_order(order: NumberOrder) -> None:
    """Poll a claimed order that is placed, and store what is new."""
    with running(order.pk), acting(order.group.request_id):
        try:
            step = _ask(order)
        except OutboundError as error:
            step = _failed(order, diagnosis.of(order.group.access, error).sentence)
        except UNASKABLE as error:
            step = _failed(order, str(error))
        failpoint("order.poll.asked")
        in_turn(partial(_carry_out, step), order)
        failpoint("order.poll.committed")


def _carry_out(step: Step) -> None:
    """Run the step; its evidence is kept even if somebody else has changed the order."""
    with suppress(Overtaken):
        step()
    failpoint("order.poll.uncommitted")


def _ask(order: NumberOrder) -> Step:
    """Ask for the order's status and return the step that follows.

    If the order has no id, or Genesys Cloud does not know it any more, look for the number in the list.
    """
    if not order.provider_order_id:
        return _by_list(order, "Genesys Cloud does not list the number any more.")
    try:
        found = order_status(order.group.access, order.provider_order_id, subject_id=order.pk)
    except NotFound:
        return _by_list(order, "Genesys Cloud does not know the order any more, and does not list its number.")
    if not _is_about(order, found):
        return _failed(order, "Genesys Cloud answered with another order, which proves nothing.")
    if found.end is OrderEnd.COMPLETED:
        return _completed(order, found)
    if found.end is OrderEnd.FAILED:
        return _ended_badly(order, found)
    return lambda: _wait(order, found.status, f"Genesys Cloud calls the order {found.status or 'nothing yet'}.")


def _completed(order: NumberOrder, found: ProviderOrder) -> Step:
    if found.numbers:
        return lambda: _complete(order, f"Genesys Cloud calls the order {found.status}.", found.status)
    return _by_list(order, f"Genesys Cloud calls the order {found.status}, but names no number and does not list it.")


def _is_about(order: NumberOrder, found: ProviderOrder) -> bool:
    same = not found.order_id or found.order_id.casefold()[:128] == order.provider_order_id.casefold()
    return same and (not found.numbers or order.number in found.numbers)


def _by_list(order: NumberOrder, missing: str) -> Step:
    seen = look_for(order)
    if seen is None:
        return lambda: _missing(order, missing)
    is_usable = seen.status.strip().upper() in _USABLE
    if order.provider_order_id or is_usable or _was_decided_about(order, seen.status):
        sentence = f"Genesys Cloud lists the number{f' as {seen.status}' if seen.status else ''}."
        return lambda: _complete(order, sentence, seen.status, seen)
    sentence = f"Genesys Cloud lists the number as {seen.status or 'nothing yet'}."
    return lambda: _wait(order, seen.status, sentence, is_listed=True)


def _missing(order: NumberOrder, why: str) -> None:
    """Handle an order and number that are both missing: wait while the list may lag, then put it under review."""
    placed = order.placed_at or order.created_at
    young = timezone.now() < placed + timedelta(seconds=settings.ORDER_SETTLE_SECONDS)
    if young or _was_decided(order):
        _wait(order, order.provider_word, why)
        return
    add_evidence(order, EvidenceKind.NOT_LISTED, why)
    sentence = f"{why} Ask your Genesys contact, then decide whether the number is yours."
    transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence)


def _ended_badly(order: NumberOrder, found: ProviderOrder) -> Step:
    """Handle an order that ended as failed.

    The status word is inferred, so the list is checked too: only if it does not show the number, nothing was bought.
    """
    seen = look_for(order)
    why = f"Genesys Cloud ended the order with the word {found.status}"
    if seen is None:
        return lambda: _refuse(order, f"{why}, and does not list the number. Order another one.", found)
    if _was_decided(order):
        return lambda: _complete(order, f"{why}, but lists the number, and a person said that it is ours.", seen.status)

    def to_review() -> None:
        add_evidence(order, EvidenceKind.LISTED, f"{why}, but lists the number.", says_bought=True, **facts_of(seen))
        sentence = f"{why}, but lists the number. Decide whether it is yours."
        transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence)

    return to_review


def _was_decided(order: NumberOrder) -> bool:
    return last_decision(order) is True


def _was_decided_about(order: NumberOrder, word: str) -> bool:
    """Return whether a person decided that the number was bought, when it was already listed with this status word."""
    decision = order.evidence.filter(kind=EvidenceKind.DECISION).last()
    if decision is None or not decision.says_bought:
        return False
    return order.evidence.filter(kind=EvidenceKind.STATUS, pk__lt=decision.pk, facts__listed_as=word).exists()


def _refuse(order: NumberOrder, sentence: str, found: ProviderOrder) -> None:
    add_evidence(order, EvidenceKind.STATUS, sentence, says_bought=False, **facts_of_order(found))
    word = found.status[:60]
    transition(order, OrderState.REFUSED, Verb.ORDER_REFUSED, SYSTEM, sentence=sentence, provider_word=word)


@atomic
def _complete(order: NumberOrder, sentence: str, word: str, seen: TollfreeNumber | None = None) -> None:
    """Complete the order; in the same transaction the hooks add the number to the inventory and draft its sender ID."""
    kind = EvidenceKind.LISTED if seen else EvidenceKind.STATUS
    facts = facts_of(seen) if seen else {"order_id": order.provider_order_id, "status": word}
    add_evidence(order, kind, sentence, says_bought=True, **facts)
    transition(order, OrderState.COMPLETED, Verb.ORDER_COMPLETED, SYSTEM, sentence=sentence, provider_word=word[:60])
    completion.announce(order)


def _wait(order: NumberOrder, word: str, sentence: str, *, is_listed: bool = False) -> None:
    """Store the status word if it is new, and poll again later."""
    before, now = order.provider_word, word[:60] or order.provider_word
    news = {"provider_word": now} if now != before else {}
    if news:
        add_evidence(order, EvidenceKind.STATUS, sentence, order_id=order.provider_order_id, status=now)
    if order.looks + 1 >= MOST_POLLS and not is_extra(order):
        _to_review(order, sentence, word if is_listed else None, **news)
        return
    looks = order.looks if is_extra(order) else order.looks + 1
    _again(order, _next(order.looks), sentence=sentence, looks=looks, failed_looks=0, **news)
    if news:
        record_event(order, Verb.ORDER_HEARD, SYSTEM, changes={"provider_word": [before or None, now or None]})


def _to_review(order: NumberOrder, why: str, listed_as: str | None = None, **news: Any) -> None:
    """Stop polling and put the order under review."""
    sentence = f"{why} The portal asked {MOST_POLLS} times. Ask your Genesys contact, then decide whether it is yours."
    facts: dict[str, Any] = {} if listed_as is None else {"listed_as": listed_as}
    add_evidence(order, EvidenceKind.STATUS, sentence, **facts)
    transition(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence, **news)


def _failed(order: NumberOrder, why: str) -> Step:
    """Return the step for a failed poll: poll again later, or put the order under review after too many failures."""

    def later() -> None:
        failed = order.failed_looks if is_extra(order) else order.failed_looks + 1
        if failed >= MOST_POLLS:
            _to_review(order, why)
            return
        sentence = f"{why} The order stays placed; it is asked again by itself."
        _again(order, _next(order.failed_looks), failed_looks=failed, sentence=sentence)

    return later


def _again(order: NumberOrder, due: datetime, **facts: Any) -> None:
    look_next(order, due, **facts)
    if order.due_at is not None:
        update_if_current(order, published_at=order.due_at)
        wake(order, countdown=max(0.0, (order.due_at - timezone.now()).total_seconds()))


def _next(times: int) -> datetime:
    return timezone.now() + timedelta(seconds=min(settings.ORDER_POLL_SECONDS * 2 ** min(times, 20), LONGEST_SECONDS))
