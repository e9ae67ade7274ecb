"""Names to addresses, within a time limit that getaddrinfo itself does not know."""

from __future__ import annotations

import os
import socket
import threading
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from portal.outbound.errors import NameNotResolved
from portal.outbound.url_check import literal

if TYPE_CHECKING:
    from portal.outbound.policy import Address

RESOLVES_SECONDS = 2.0
# Hung look-ups cannot be ended, only left behind: this many at most, so that dead DNS cannot pile up threads.
_MOST_LOOKUPS = 64
_slots = threading.BoundedSemaphore(_MOST_LOOKUPS)


def _forget_parent() -> None:
    """The parent's look-ups do not end in a forked child, so neither may their slots."""
    global _slots  # noqa: PLW0603 - one limit a process is the point
    _slots = threading.BoundedSemaphore(_MOST_LOOKUPS)


os.register_at_fork(after_in_child=_forget_parent)


class Endpoint(NamedTuple):
    """One address to connect to."""

    family: socket.AddressFamily
    address: Address
    port: int


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IP version 4


def _ask(host: str, port: int) -> list[Endpoint]:
    """The one place that asks DNS; the order is the system's."""
    found: dict[Endpoint, None] = {}
    for family, _, _, _, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if family in (socket.AF_INET, socket.AF_INET6):
            found[Endpoint(family, ip_address(where[0]), port)] = None
    return list(found)


def _ask_into(answers: SimpleQueue[list[Endpoint]], slots: threading.Semaphore, host: str, port: int) -> None:
    try:
        answers.put(_ask(host, port))
    except (OSError, ValueError):  # unknown name; a label too long or empty is a UnicodeError
        answers.put([])
    finally:
        slots.release()


def _ask_within(host: str, port: int, seconds: float) -> list[Endpoint]:
    slots = _slots
    if not slots.acquire(timeout=seconds):
        return []
    answers: SimpleQueue[list[Endpoint]] = SimpleQueue()
    task = (answers, slots, host, port)
    threading.Thread(target=_ask_into, args=task, name="outbound-dns", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return []


def lookup(host: str, port: int, seconds: float) -> list[Endpoint]:
    """All endpoints of `host`, at least one. Raises NameNotResolved, also after `seconds`."""
    address = literal(host)
    if address is not None:
        return [Endpoint(_family(address), address, port)]
    found = _ask_within(host, port, seconds)
    if not found:
        raise NameNotResolved(host)
    return found


def resolves(host: str) -> bool:
    """Whether the name is known right now (two seconds at most): for a warning, never for a decision."""
    try:
        return bool(lookup(host, 0, RESOLVES_SECONDS))
    except NameNotResolved:
        return False
