"""Inventory of Genesys Cloud: owned numbers, orders, and numbers that are no longer available."""

import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from portal.devtools.sandbox.genesys_cloud import pool
from portal.devtools.sandbox.genesys_cloud.clients import Client
from portal.devtools.sandbox.genesys_cloud.settings import FAILED, GenesysCloudSettings

BASE: Final = "/api/v2/messaging/sms/provisioning"
_LONG_AGO: Final = float("-inf")
# Never shown, because they are the customer's secrets.
_WRITE_ONLY: Final = frozenset({"webhookPassword"})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Order:
    """One purchase. `word` is a status fixed by a control."""

    client: Client
    numbers: list[str]
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))
    placed: float = field(default_factory=time.monotonic)
    word: str | None = None

    def status(self, settings: GenesysCloudSettings) -> str:
        """Return the current status word."""
        words, step = settings.order_words, settings.order_step_seconds
        passed = int((time.monotonic() - self.placed) / step) if step else len(words)
        return self.word or words[min(passed, len(words) - 1)]


@dataclass
class Owned:
    """An owned number. `order` is None if it was not bought through the sandbox."""

    number: str
    client: Client
    order: Order | None
    details: dict[str, object]
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))
    created: str = field(default_factory=_now)
    modified: str = field(default_factory=_now)

    @property
    def bought(self) -> float:
        """Return the time of the purchase on the monotonic clock."""
        return self.order.placed if self.order else _LONG_AGO

    def change(self, details: Mapping[str, object]) -> None:
        """Update details."""
        self.details.update(details)
        self.modified = _now()

    def shown(self, settings: GenesysCloudSettings) -> dict[str, object]:
        """Return the number as the API shows it: a TollfreeNumber."""
        status = self.order.status(settings) if self.order else "COMPLETED"
        return {
            "id": self.identity,
            "name": self.number,
            "owner": _reference(self.client),
            "createdBy": _reference(self.client),
            "status": "ACTIVE" if status == "COMPLETED" else status,
            "dateCreated": self.created,
            "dateModified": self.modified,
            **{name: value for name, value in self.details.items() if name not in _WRITE_ONLY},
            "tollfreeNumber": self.number,
            "selfUri": f"{BASE}/tollfreenumbers/{self.number}",
        }


def _reference(client: Client) -> dict[str, str]:
    return {"id": client.client_id, "selfUri": f"/api/v2/oauth/clients/{client.client_id}"}


class Inventory:
    """All numbers and orders. `gone` numbers are unavailable; `offered` ones come first in a search."""

    def __init__(self) -> None:
        self.owned: dict[str, Owned] = {}
        self.orders: dict[str, Order] = {}
        self.gone: set[str] = set()
        self.offered: list[str] = []

    def forget(self) -> None:
        """Forget all purchases."""
        self.__init__()  # type: ignore[misc]  # the class has no subclasses

    def available(self, settings: GenesysCloudSettings, ending: str = "") -> Iterator[str]:
        """Return the available numbers that end with these digits."""
        offered = [number for number in self.offered if number.endswith(ending)]
        everything = [*offered, *pool.numbers(settings.seed, settings.pool_size, ending)]
        return (number for number in dict.fromkeys(everything) if self.is_free(number))

    def is_free(self, number: str) -> bool:
        """Return whether the number is available."""
        return number not in self.owned and number not in self.gone

    def buy(self, client: Client, wanted: Mapping[str, Mapping[str, object]]) -> Order:
        """Buy these numbers in one order, with each one's details."""
        order = Order(client, list(wanted))
        self.orders[order.identity] = order
        for number, details in wanted.items():
            self.owned[number] = Owned(number, client, order, dict(details))
        return order

    def give_back(self, number: str) -> None:
        """Release a number. It cannot be bought again for longer than a test lasts."""
        self.owned.pop(number, None)
        self.gone.add(number)

    def seen_by(self, client: Client, settings: GenesysCloudSettings) -> Iterator[Owned]:
        """Return the numbers in this client's list."""
        latest = time.monotonic() - settings.list_lag_seconds
        return (each for each in self.owned.values() if each.bought <= latest and _mine(each, client, settings))

    def find(self, number: str, client: Client, settings: GenesysCloudSettings) -> Owned | None:
        """Return a number that this client owns, even if it is not in the list yet."""
        each = self.owned.get(number)
        return each if each and _mine(each, client, settings) else None

    def order(self, identity: str, client: Client, settings: GenesysCloudSettings) -> Order | None:
        """Return an order that this client may see."""
        order = self.orders.get(identity)
        return order if order and _visible(order.client, client, settings) else None

    def shown(self, order: Order, settings: GenesysCloudSettings) -> dict[str, object]:
        """Return an order as the API shows it."""
        kept = [self.owned[number] for number in order.numbers if number in self.owned]
        return {
            "id": order.identity,
            "orderType": "PROVISION",
            "numberType": "TOLLFREE",
            "orderStatus": order.status(settings),
            "numbers": order.numbers,
            "tollfreeNumbers": [each.shown(settings) for each in kept if each.order is order],
            "owner": _reference(order.client),
            "createdBy": _reference(order.client),
            "selfUri": f"{BASE}/orders/{order.identity}",
        }


def _mine(owned: Owned, client: Client, settings: GenesysCloudSettings) -> bool:
    failed = owned.order is not None and owned.order.status(settings) in FAILED
    return not failed and _visible(owned.client, client, settings)


def _visible(owner: Client, client: Client, settings: GenesysCloudSettings) -> bool:
    if settings.list_scope == "organization":
        return owner.organization == client.organization
    return owner.client_id == client.client_id
