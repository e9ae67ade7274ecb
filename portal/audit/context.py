"""Audit context: request id, address and actor for events that are recorded deeper in the call stack."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from portal.audit.actors import Actor


@dataclass(frozen=True)
class Context:
    """The origin of an event; empty for the portal's own work."""

    request_id: str = ""
    address: str = ""


_NOTHING = Context()
_current: ContextVar[Context] = ContextVar("audit_context", default=_NOTHING)


def current() -> Context:
    """Return the context of the current request or task."""
    return _current.get()


@contextmanager
def acting(request_id: str = "", address: str = "") -> Iterator[None]:
    """Set this request id and address for all events inside the block."""
    token = _current.set(Context(request_id, address))
    try:
        yield
    finally:
        _current.reset(token)


_actor: ContextVar[Actor | None] = ContextVar("audit_actor", default=None)


def named_actor() -> Actor | None:
    """Return the actor named by `done_by`, or None outside such a block."""
    return _actor.get()


@contextmanager
def done_by(actor: Actor) -> Iterator[None]:
    """Set the actor for signal receivers inside the block: a library's signal does not say who made the change."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)
