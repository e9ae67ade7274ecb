"""A placed order is watched for as long as it takes, by its row and the sweeper: no task sleeps meanwhile.

The interval between two looks grows from seconds to hours.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.audit.actors import SYSTEM
from portal.audit.context import acting
from portal.audit.verbs import Verb
from portal.crash_points import reach
from portal.logs import running
from portal.outbound.errors import NotFound, OutboundError
from portal.turns import turn
from tollfree.client.answers import ProviderOrder, TollfreeNumber
from tollfree.client.looking import order_status
from tollfree.client.words import OrderEnd
from tollfree.orders import completion
from tollfree.orders.models import EvidenceKind, NumberOrder
from tollfree.orders.moving import Overtaken, add_evidence, change, move, tell, wake
from tollfree.orders.settling import take_look
from tollfree.orders.sighting import UNASKABLE, facts_of, look_for
from tollfree.orders.states import OrderState
from tollfree.orders.verdicts import facts_of as facts_of_order

LONGEST_SECONDS = 6 * 3600.0
#: [inferred] the words of a number in the list that can be used, beside those of a completed order.
_USABLE = frozenset({"ACTIVE", "COMPLETED", "COMPLETE"})

Step = Callable[[], None]


def poll_order(order: NumberOrder) -> None:
    """Ask how far a placed order is, and write down what is new."""
    with running(order.pk), acting(order.group.request_id):
        if not take_look(order):
            return
        try:
            step = _ask(order)
        except OutboundError as error:
            why = error.sentence.partition(" Whether the request was carried out")[0]
            step = _failed(order, why)
        except UNASKABLE as error:
            step = _failed(order, str(error))
        reach("order.poll.asked")
        with turn(), transaction.atomic():
            try:
                step()
            except Overtaken:
                return
            reach("order.poll.uncommitted")
        reach("order.poll.committed")


def _ask(order: NumberOrder) -> Step:
    """Ask for the order, or, where it has no id or was forgotten, look for the number; return what follows."""
    if not order.provider_order_id:
        return _by_list(order, "Genesys Cloud does not list the number any more.")
    try:
        found = order_status(order.group.access, order.provider_order_id, subject_id=order.pk)
    except NotFound:
        return _by_list(order, "Genesys Cloud does not know the order any more, and does not list its number.")
    if found.end is OrderEnd.COMPLETED:
        return lambda: _complete(order, f"Genesys Cloud calls the order {found.status}.", found.status)
    if found.end is OrderEnd.FAILED:
        return _ended_badly(order, found)
    return lambda: _wait(order, found.status, f"Genesys Cloud calls the order {found.status or 'nothing yet'}.")


def _by_list(order: NumberOrder, missing: str) -> Step:
    seen = look_for(order)
    if seen is None:
        return lambda: _missing(order, missing)
    if order.provider_order_id or seen.status.strip().upper() in _USABLE:
        sentence = f"Genesys Cloud lists the number{f' as {seen.status}' if seen.status else ''}."
        return lambda: _complete(order, sentence, seen.status, seen)
    return lambda: _wait(order, seen.status, f"Genesys Cloud lists the number as {seen.status or 'nothing yet'}.")


def _missing(order: NumberOrder, why: str) -> None:
    """Neither order nor number is there. While the list may lag it is waited; then a person must look into it."""
    placed = order.placed_at or order.created_at
    young = timezone.now() < placed + timedelta(seconds=settings.ORDER_SETTLE_SECONDS)
    if young or _was_decided(order):
        _wait(order, order.provider_word, why)
        return
    add_evidence(order, EvidenceKind.NOT_LISTED, why)
    sentence = f"{why} Ask your Genesys contact, then decide whether the number is yours."
    move(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence)


def _ended_badly(order: NumberOrder, found: ProviderOrder) -> Step:
    """The word is inferred, so the list is asked too: only if it does not show the number, nothing was bought."""
    seen = look_for(order)
    why = f"Genesys Cloud ended the order with the word {found.status}"
    if seen is None:
        return lambda: _refuse(order, f"{why}, and does not list the number. Order another one.", found)
    if _was_decided(order):
        return lambda: _complete(order, f"{why}, but lists the number, and a person said that it is ours.", seen.status)

    def to_review() -> None:
        add_evidence(order, EvidenceKind.LISTED, f"{why}, but lists the number.", says_bought=True, **facts_of(seen))
        sentence = f"{why}, but lists the number. Decide whether it is yours."
        move(order, OrderState.UNDER_REVIEW, Verb.ORDER_UNDER_REVIEW, SYSTEM, sentence=sentence)

    return to_review


def _was_decided(order: NumberOrder) -> bool:
    return order.evidence.filter(kind=EvidenceKind.DECISION, says_bought=True).exists()


def _refuse(order: NumberOrder, sentence: str, found: ProviderOrder) -> None:
    add_evidence(order, EvidenceKind.STATUS, sentence, says_bought=False, **facts_of_order(found))
    word = found.status[:60]
    move(order, OrderState.REFUSED, Verb.ORDER_REFUSED, SYSTEM, sentence=sentence, provider_word=word)


def _complete(order: NumberOrder, sentence: str, word: str, seen: TollfreeNumber | None = None) -> None:
    """The number is ours: with the move, in one transaction, it comes into the inventory and gets its draft."""
    kind = EvidenceKind.LISTED if seen else EvidenceKind.STATUS
    facts = facts_of(seen) if seen else {"order_id": order.provider_order_id, "status": word}
    add_evidence(order, kind, sentence, says_bought=True, **facts)
    move(order, OrderState.COMPLETED, Verb.ORDER_COMPLETED, SYSTEM, sentence=sentence, provider_word=word[:60])
    completion.announce(order)


def _wait(order: NumberOrder, word: str, sentence: str) -> None:
    """Note the word as it came, and ask again later."""
    if word and word != order.provider_word:
        add_evidence(order, EvidenceKind.STATUS, sentence, order_id=order.provider_order_id, status=word)
    due, before = _next(order.looks), order.provider_word
    news = {"provider_word": word[:60], "sentence": sentence, "looks": order.looks + 1, "failed_looks": 0}
    if not change(order, due_at=due, published_at=due, **news):
        raise Overtaken
    if word[:60] != before:
        tell(order, Verb.ORDER_HEARD, SYSTEM, changes={"provider_word": [before or None, word[:60] or None]})
    wake(order, countdown=(due - timezone.now()).total_seconds())


def _failed(order: NumberOrder, why: str) -> Step:
    """It could not be asked: that changes nothing about the order."""

    def later() -> None:
        sentence = f"{why} The order stays placed; it is asked again by itself."
        due = _next(order.failed_looks)
        if not change(order, due_at=due, published_at=due, failed_looks=order.failed_looks + 1, sentence=sentence):
            raise Overtaken

    return later


def _next(times: int) -> datetime:
    return timezone.now() + timedelta(seconds=min(settings.ORDER_POLL_SECONDS * 2 ** min(times, 20), LONGEST_SECONDS))
