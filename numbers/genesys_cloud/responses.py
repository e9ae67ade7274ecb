"""Response parsing for the SMS provisioning API. A 2xx response of unexpected form raises Unreadable.

Fields that the portal does not know are kept in `more`, because the vendor adds some without notice.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Self

from portal.http_client.errors import Unreadable
from portal.http_client.messages import Answer
from portal.http_client.response_json import read_json
from senders.phone_numbers import with_country_code


class OrderEnd(Enum):
    """Whether an order has ended at the provider, and how."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"


_TERMINAL = {
    "COMPLETE": OrderEnd.COMPLETED,
    "COMPLETED": OrderEnd.COMPLETED,
    "CANCELED": OrderEnd.FAILED,
    "CANCELLED": OrderEnd.FAILED,
    "FAILED": OrderEnd.FAILED,
    "REJECTED": OrderEnd.FAILED,
}


def end_of(word: str) -> OrderEnd:
    """Return the meaning of a status word; an unknown or empty word means pending."""
    return _TERMINAL.get(word.strip().upper(), OrderEnd.PENDING)


NoSecrets = dict[str, str]

_NO_CONTENT = 204


@dataclass(frozen=True)
class TollfreeNumber:
    """A purchased or registered number: `number` is in international format without +, `more` holds other fields."""

    number: str
    status: str
    owner: str
    comment: str
    email: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, entity: Mapping[str, Any]) -> Self:
        """Read one entity of the list; raises KeyError if it has no number."""
        known = {"tollfreeNumber", "status", "owner", "comment", "emailAddress"}
        return cls(
            number=_digits(entity["tollfreeNumber"]),
            status=_text(entity.get("status")),
            owner=_text(entity.get("owner")),
            comment=_text(entity.get("comment")),
            email=_text(entity.get("emailAddress")),
            more={name: value for name, value in entity.items() if name not in known},
        )


@dataclass(frozen=True)
class ProviderOrder:
    """An order in Genesys Cloud: `status` is the vendor's word, `end` its meaning, `more` holds other fields."""

    order_id: str
    status: str
    numbers: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> OrderEnd:
        """Return whether the order is pending, completed or failed."""
        return end_of(self.status)


def read_numbers(answer: Answer) -> tuple[list[TollfreeNumber], NoSecrets]:
    """Read the list of numbers that belong to the client."""
    entities = _entities(answer)
    if not all(isinstance(each, dict) and each.get("tollfreeNumber") for each in entities):
        raise Unreadable(answer.host, answer=answer)
    return [TollfreeNumber.read(each) for each in entities], {}


def read_available(answer: Answer) -> tuple[list[str], NoSecrets]:
    """Read the numbers that can be bought, as digits."""
    entities = _entities(answer)
    if not all(isinstance(each, str) and _digits(each).isdecimal() for each in entities):
        raise Unreadable(answer.host, answer=answer)
    return [_digits(each) for each in entities], {}


def read_order(answer: Answer) -> tuple[ProviderOrder, NoSecrets]:
    """Read an order. The id may be missing; a body with neither id nor numbers raises Unreadable."""
    body = read_json(answer)
    if not isinstance(body, dict) or not (_text(body.get("id")) or _numbers(body.get("numbers"))):
        raise Unreadable(answer.host, answer=answer)
    known = {"id", "orderStatus", "numbers"}
    order = ProviderOrder(
        order_id=_text(body.get("id")),
        status=_text(body.get("orderStatus")),
        numbers=_numbers(body.get("numbers")),
        more={name: value for name, value in body.items() if name not in known},
    )
    return order, {}


def read_number(answer: Answer) -> tuple[TollfreeNumber, NoSecrets]:
    """Read one number."""
    body = read_json(answer)
    if not isinstance(body, dict) or not body.get("tollfreeNumber"):
        raise Unreadable(answer.host, answer=answer)
    return TollfreeNumber.read(body), {}


def read_nothing(answer: Answer) -> tuple[None, NoSecrets]:
    """Accept an empty 204 [inferred]; any other 2xx, such as a proxy's page, raises Unreadable."""
    if answer.status != _NO_CONTENT or answer.body.strip():
        raise Unreadable(answer.host, answer=answer)
    return None, {}


def _entities(answer: Answer) -> list[Any]:
    body = read_json(answer)
    entities = body.get("entities") if isinstance(body, dict) else None
    if not isinstance(entities, list):
        raise Unreadable(answer.host, answer=answer)
    return entities


def _numbers(value: object) -> tuple[str, ...]:
    return tuple(_digits(each) for each in value) if isinstance(value, list) else ()


def _digits(value: object) -> str:
    """Return a number in the stored form; a leading + means that the country code is already there."""
    text = str(value)
    return text.removeprefix("+") if text.startswith("+") else with_country_code(text)


def _text(value: object) -> str:
    """Return a plain value as text; for a reference to another object, its name or id."""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("id"))
    return "" if value is None else str(value)
