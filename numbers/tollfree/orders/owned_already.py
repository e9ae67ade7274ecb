"""Orders of numbers that the client already owns: refused as good news, or put under review after a restored backup.

A database restored from a backup does not know what was sent later, so such an order may have been placed already.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import date_format

from genesys_cloud.responses import TollfreeNumber
from genesys_cloud.tokens import UNASKABLE
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer
from tollfree.orders.attribution import bears_its_marks, order_behind
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.worker.lookup import facts_of, look_for
from tollfree.orders.worker.results import Verdict, judge, says_gone

_YOURS = "This number is yours already:"
_NEWS = "explained_by"


def before_sending(order: NumberOrder, seen: TollfreeNumber) -> Verdict:
    """Decide about an order that was not sent, according to the database, although its number is listed."""
    behind = order_behind(order.group.access, seen)
    if behind is None and bears_its_marks(order, seen):
        sentence = (
            f"{_YOURS} Genesys Cloud lists it as this order asked for it, although nothing here says that the order "
            "was sent. If the portal's database was restored from a backup, it came with this order. Nothing was "
            "ordered again; decide whether this order bought it."
        )
        return Verdict(OrderState.UNDER_REVIEW, sentence, facts=facts_of(seen))
    facts = facts_of(seen) | _good_news(order, behind)
    return Verdict(OrderState.REFUSED, f"{_where_from(order, behind)} Nothing was ordered again.", facts=facts)


def after_sending(order: NumberOrder, outcome: Answer | OutboundError) -> Verdict:
    """Classify an answer; if it says that the number is not available, check whether the client itself owns it."""
    verdict = judge(order.number, outcome)
    if not (isinstance(outcome, OutboundError) and says_gone(outcome) and verdict.state == OrderState.REFUSED):
        return verdict
    try:
        seen = look_for(order)
    except (OutboundError, *UNASKABLE):
        return verdict
    if seen is None:
        return verdict
    behind = order_behind(order.group.access, seen)
    facts: Mapping[str, Any] = {**verdict.facts, **facts_of(seen)}
    if behind is not None and behind.pk == order.pk:
        sentence = (
            "Genesys Cloud says that the number is not available, and lists it as this order asked for it. It will be "
            "looked at again before anything is decided; nothing is sent again."
        )
        return Verdict(OrderState.UNKNOWN, sentence, facts=facts)
    facts = {**facts, **_good_news(order, behind)}
    return Verdict(OrderState.REFUSED, f"{_where_from(order, behind)} Nothing was bought again.", facts=facts)


def is_yours(order: NumberOrder) -> bool:
    """Return whether the order was refused because the client already owns the number."""
    return order.state == OrderState.REFUSED and order.evidence.filter(facts__has_key=_NEWS).exists()


def explaining_order(order: NumberOrder) -> NumberOrder | None:
    """Return the order that bought the number of a refused order, if it is known and of the same tenant."""
    news = order.evidence.filter(facts__has_key=_NEWS).last()
    key = news.facts[_NEWS] if news else ""
    return NumberOrder.objects.filter(pk=key, tenant_id=order.tenant_id).first() if key else None


def _good_news(order: NumberOrder, behind: NumberOrder | None) -> dict[str, Any]:
    """Return the fact that names the explaining order; an order of another tenant is never named."""
    return {_NEWS: str(behind.pk) if behind is not None and behind.tenant_id == order.tenant_id else ""}


def _where_from(order: NumberOrder, behind: NumberOrder | None) -> str:
    if behind is None:
        return (
            f"{_YOURS} Genesys Cloud lists it, and no order here explains it. It was bought by hand, or before the "
            "portal's database was restored. The page of the tenant's numbers asks where it came from."
        )
    if behind.tenant_id != order.tenant_id:
        return f"{_YOURS} it came with an order of another tenant that has the same client."
    when = behind.sent_at or behind.created_at
    return f"{_YOURS} it came with the order of {date_format(when, 'j F Y')}."
