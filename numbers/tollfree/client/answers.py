"""What the API answers, typed. Readers raise Unreadable for a 2xx that is not what it should be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from portal.outbound.errors import Unreadable
from portal.outbound.messages import Answer
from senders.phone_numbers import with_country_code
from tollfree.client.words import OrderEnd, end_of

NoSecrets = dict[str, str]
_NO_CONTENT = 204


@dataclass(frozen=True)
class TollfreeNumber:
    """A number that was purchased or registered; `number` is in international format without +, `more` all the rest."""

    number: str
    status: str
    owner: str
    comment: str
    email: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, entity: Mapping[str, Any]) -> Self:
        """Read one entity of the list; raises KeyError without a number."""
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
    """An order as the provider tells it; `status` is its own word, `end` what that means here, `more` all the rest."""

    order_id: str
    status: str
    numbers: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def end(self) -> OrderEnd:
        """Return whether the order is over there, and how."""
        return end_of(self.status)


def read_numbers(answer: Answer) -> tuple[list[TollfreeNumber], NoSecrets]:
    """Read the list of numbers that the client has."""
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
    """Read an order. Its id may be missing; with neither id nor numbers it is none."""
    body = answer.json()
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
    body = answer.json()
    if not isinstance(body, dict) or not body.get("tollfreeNumber"):
        raise Unreadable(answer.host, answer=answer)
    return TollfreeNumber.read(body), {}


def read_nothing(answer: Answer) -> tuple[None, NoSecrets]:
    """Take a 204 with nothing in it [inferred]; any other 2xx, such as a page of a proxy, raises Unreadable."""
    if answer.status != _NO_CONTENT or answer.body.strip():
        raise Unreadable(answer.host, answer=answer)
    return None, {}


def _entities(answer: Answer) -> list[Any]:
    body = answer.json()
    entities = body.get("entities") if isinstance(body, dict) else None
    if not isinstance(entities, list):
        raise Unreadable(answer.host, answer=answer)
    return entities


def _numbers(value: object) -> tuple[str, ...]:
    return tuple(_digits(each) for each in value) if isinstance(value, list) else ()


def _digits(value: object) -> str:
    """Return a number in the form in which all numbers are stored and compared; + stands before a whole number."""
    text = str(value)
    return text.removeprefix("+") if text.startswith("+") else with_country_code(text)


def _text(value: object) -> str:
    """Return a plain value as text; of a reference to another object its name, or its id."""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("id"))
    return "" if value is None else str(value)
