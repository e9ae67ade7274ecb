"""Names to addresses, within a time limit that getaddrinfo itself does not know."""

from __future__ import annotations

import os
import socket
import threading
import time
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from portal.outbound.errors import NameNotResolved, NameServerSilent
from portal.outbound.url_check import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.outbound.policy import Address

#: A name server's clear "there is no such name"; all else is no answer.
_UNKNOWN = frozenset(
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
)
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


def _ask_into(answers: SimpleQueue[list[Endpoint] | None], slots: threading.Semaphore, host: str, port: int) -> None:
    try:
        answers.put(_ask(host, port))
    except socket.gaierror as error:
        answers.put([] if error.errno in _UNKNOWN else None)
    except (OSError, ValueError) as error:  # a label too long or empty is a UnicodeError
        answers.put([] if isinstance(error, ValueError) else None)
    finally:
        slots.release()


def _ask_within(host: str, port: int, seconds: float) -> list[Endpoint] | None:
    """Return what DNS knows, or None if it gave no answer."""
    slots = _slots
    if not slots.acquire(timeout=seconds):
        return None
    answers: SimpleQueue[list[Endpoint] | None] = SimpleQueue()
    task = (answers, slots, host, port)
    threading.Thread(target=_ask_into, args=task, name="outbound-dns", daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return None


def lookup(host: str, port: int, seconds: float) -> list[Endpoint]:
    """All endpoints of `host`, at least one. Raises NameNotResolved, or NameServerSilent after `seconds`."""
    address = literal(host)
    if address is not None:
        return [Endpoint(_family(address), address, port)]
    found = _ask_within(host, port, seconds)
    if found is None:
        raise NameServerSilent(host)
    if not found:
        raise NameNotResolved(host)
    return found


def name_warnings(hosts: Iterable[str]) -> list[str]:
    """Say of each name that is not known right now why, for a form that takes it all the same.

    All of them together take no longer than a connection may.
    """
    deadline = time.monotonic() + settings.OUTBOUND_CONNECT_SECONDS
    found = []
    for host in dict.fromkeys(hosts):
        try:
            lookup(host, 0, max(0.0, deadline - time.monotonic()))
        except NameNotResolved:
            found.append(f"The name {host} cannot be found from here at the moment. Check the spelling.")
        except NameServerSilent:
            found.append(
                f"Whether the name {host} exists could not be checked: the name server gave no answer in time. "
                "The address is kept as it is; if work with it fails, tell whoever runs the portal."
            )
    return found
