"""DNS resolution with a timeout, which getaddrinfo itself does not have."""

from __future__ import annotations

import os
import socket
import threading
import time
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings

from portal.core.transactions import require_none
from portal.http_client.errors import NameNotResolved, NameServerSilent
from portal.http_client.url_check import literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portal.http_client.address_policy import Address

#: Errors by which a name server says that the name does not exist; all others mean no answer.
_UNKNOWN = frozenset(
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
)
# Limit of concurrent look-ups: a hanging one cannot be ended, and threads must not pile up while DNS is down.
_MOST_LOOKUPS = 64
_slots = threading.BoundedSemaphore(_MOST_LOOKUPS)


def _forget_parent() -> None:
    """The parent's look-ups never finish in a forked child, so their slots are replaced."""
    global _slots  # noqa: PLW0603 - one limit per process
    _slots = threading.BoundedSemaphore(_MOST_LOOKUPS)


os.register_at_fork(after_in_child=_forget_parent)


class Endpoint(NamedTuple):
    """An address to connect to."""

    family: socket.AddressFamily
    address: Address
    port: int


def _family(address: Address) -> socket.AddressFamily:
    return socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - IP version 4


def _ask(host: str, port: int) -> list[Endpoint]:
    """Query DNS; the result keeps the system's order."""
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
    except (OSError, ValueError) as error:  # a label that is too long or empty raises a UnicodeError
        answers.put([] if isinstance(error, ValueError) else None)
    finally:
        slots.release()


def _ask_within(host: str, port: int, seconds: float) -> list[Endpoint] | None:
    """Return the addresses, or None if DNS gave no answer."""
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
    require_none("A question to the name server")
    found = _ask_within(host, port, seconds)
    if found is None:
        raise NameServerSilent(host)
    if not found:
        raise NameNotResolved(host)
    return found


def name_warnings(hosts: Iterable[str]) -> list[str]:
    """Return a warning for each name that cannot be resolved now, for a form that accepts it all the same.

    All look-ups together take no longer than the connect timeout.
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
