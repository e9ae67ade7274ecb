"""Inventory sync: applies a list of numbers from Genesys Cloud. What the list shows is stored, what it lacks is marked.

A client perhaps sees only the numbers that it bought. So a number is marked as gone only if the client that listed it
before does not list it any more. That another client does not list it proves nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.responses import TollfreeNumber
from portal.audit.actors import Actor
from portal.audit.personal import Personal
from portal.audit.recording import NewEvent, Target, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.attribution import explain
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import IN_FLIGHT, OrderState

_NUMBER = re.compile(r"[0-9]{3,15}")
#: Keeps statements below the databases' limits of parameters.
_BATCH = 500
_TOLD = ("status", "comment", "email", "owner")
#: Stored without an event: all other fields, and the client that last listed the number.
_KEPT = ("more", "login_url", "client_id")
_NEVER_KEPT = frozenset({"webhookPassword"})


@dataclass
class _News:
    """The changes to write."""

    new: list[OwnedNumber] = field(default_factory=list)
    changed: list[OwnedNumber] = field(default_factory=list)
    unsaid: list[OwnedNumber] = field(default_factory=list)  # changed only in fields without events
    lines: list[NewEvent] = field(default_factory=list)
    gone: int = 0


@atomic
def reconcile(actor: Actor, access: Access, seen: Sequence[TollfreeNumber]) -> str:
    """Apply the client's list in the caller's transaction; return a summary as a sentence."""
    now = timezone.now()
    listed = {each.number: each for each in seen if _NUMBER.fullmatch(each.number)}
    known = _locked(access)
    news = _News()
    orders = _orders(access, [each for each in listed.values() if _is_unexplained(known.get(each.number))])
    for number, entity in listed.items():
        if number in known:
            _seen_again(news, access, known[number], entity, orders.get(number))
        else:
            _found(news, access, entity, orders.get(number), now)
    for row in known.values():
        if row.number not in listed and _is_gone(row, access):
            _gone(news, row, now)
    _write(news, [known[number].pk for number in listed if number in known], now)
    record_many(news.lines, actor)
    return _sentence(len(listed), news, odd=len({each.number for each in seen}) - len(listed))


def _locked(access: Access) -> dict[str, OwnedNumber]:
    rows = OwnedNumber.objects.filter(tenant_id=access.tenant_id).order_by("number")
    return {row.number: row for row in rows.select_for_update(no_key=True)}


def target(owned: OwnedNumber) -> Target:
    """Return the number as an event's target."""
    return Target("number", str(owned.pk), owned.number)


def _is_unexplained(row: OwnedNumber | None) -> bool:
    return row is None or row.order_id is None


def _orders(access: Access, listed: Iterable[TollfreeNumber]) -> dict[str, NumberOrder]:
    """Return this tenant's orders that explain the numbers; other tenants' orders are left out."""
    explained = explain(access, listed)
    kept = IN_FLIGHT | {OrderState.COMPLETED}
    mine = {number: order for number, order in explained.items() if order.tenant_id == access.tenant_id}
    return {number: order for number, order in mine.items() if order.state in kept}


def _facts(entity: TollfreeNumber) -> dict[str, Any]:
    """Return the listed fields, cut to the lengths of their columns."""
    return {
        "status": entity.status[:60],
        "comment": entity.comment,
        "email": entity.email[:254],
        "owner": entity.owner[:200],
        "more": {name: value for name, value in entity.more.items() if name not in _NEVER_KEPT},
    }


def _found(news: _News, access: Access, entity: TollfreeNumber, order: NumberOrder | None, now: datetime) -> None:
    row = OwnedNumber(
        tenant_id=access.tenant_id,
        number=entity.number,
        login_url=access.login_url,
        client_id=access.client_id,
        order=order,
        first_seen_at=now,
        last_seen_at=now,
        **_facts(entity),
    )
    news.new.append(row)
    changes = {"status": [None, row.status or None], "comment": [None, row.comment or None]}
    news.lines.append(NewEvent(Verb.NUMBER_FOUND, target(row), row.tenant_id, changes))


def _seen_again(
    news: _News, access: Access, row: OwnedNumber, entity: TollfreeNumber, order: NumberOrder | None
) -> None:
    facts = _facts(entity)
    changes = {name: [getattr(row, name), facts[name]] for name in _TOLD if getattr(row, name) != facts[name]}
    if "email" in changes:  # of whatever form
        changes["email"] = [each and Personal(each) for each in changes["email"]]
    came_back = row.gone_since is not None
    joined = row.order_id is None and order is not None
    # From now on the number is gone if this client, perhaps another one than before, does not list it.
    others = (row.login_url, row.client_id) != (access.login_url, access.client_id)
    if not (changes or came_back or joined or others or row.more != facts["more"]):
        return
    for name, value in facts.items():
        setattr(row, name, value)
    row.login_url, row.client_id = access.login_url, access.client_id
    row.gone_since = None
    row.order = order if joined else row.order
    if joined:
        changes["order"] = [None, str(row.order_id)]
    if came_back:
        changes["listed"] = [False, True]
    (news.changed if changes else news.unsaid).append(row)
    if changes:
        verb = Verb.NUMBER_BACK if came_back else Verb.NUMBER_CHANGED
        news.lines.append(NewEvent(verb, target(row), row.tenant_id, changes))


def _is_gone(row: OwnedNumber, access: Access) -> bool:
    """Return whether a missing number is gone: this is the client that listed it before."""
    its_own = (row.login_url, row.client_id) == (access.login_url, access.client_id)
    return its_own and row.gone_since is None and row.last_seen_at is not None


def _gone(news: _News, row: OwnedNumber, now: datetime) -> None:
    row.gone_since = now
    news.changed.append(row)
    news.gone += 1
    changes = {"listed": [True, False], "status": [row.status or None, None]}
    news.lines.append(NewEvent(Verb.NUMBER_GONE, target(row), row.tenant_id, changes))


def _write(news: _News, seen: Sequence[Any], now: datetime) -> None:
    OwnedNumber.objects.bulk_create(sorted(news.new, key=attrgetter("number")), batch_size=_BATCH)
    OwnedNumber.objects.bulk_update(news.changed, [*_TOLD, *_KEPT, "gone_since", "order"], batch_size=_BATCH)
    OwnedNumber.objects.bulk_update(news.unsaid, _KEPT, batch_size=_BATCH)
    for start in range(0, len(seen), _BATCH):
        OwnedNumber.objects.filter(pk__in=seen[start : start + _BATCH]).update(last_seen_at=now)


def _sentence(count: int, news: _News, *, odd: int) -> str:
    parts = [f"Genesys Cloud lists {count} number{'' if count == 1 else 's'}"]
    parts += [f"{len(news.new)} new here"] if news.new else []
    parts += [f"{news.gone} not listed any more"] if news.gone else []
    parts += [f"{odd} left out, for they are no numbers"] if odd else []
    return ", ".join(parts) + "."
