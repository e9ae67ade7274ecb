"""What a line takes from around it: the request's id and address, and who acts where a library tells of a change."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from portal.audit.actors import Actor


@dataclass(frozen=True)
class Context:
    """Where an event comes from; empty for what the portal does by itself."""

    request_id: str = ""
    address: str = ""


_NOTHING = Context()
_current: ContextVar[Context] = ContextVar("audit_context", default=_NOTHING)


def current() -> Context:
    """Return the context of the running request or task."""
    return _current.get()


@contextmanager
def acting(request_id: str = "", address: str = "") -> Iterator[None]:
    """Let all events inside carry this request id and address."""
    token = _current.set(Context(request_id, address))
    try:
        yield
    finally:
        _current.reset(token)


_actor: ContextVar[Actor | None] = ContextVar("audit_actor", default=None)


def named_actor() -> Actor | None:
    """Return whom the action at work names as its actor; None outside such a block."""
    return _actor.get()


@contextmanager
def done_by(actor: Actor) -> Iterator[None]:
    """Name the actor to receivers of signals inside: a library's signal tells what changed, and not who changed it."""
    token = _actor.set(actor)
    try:
        yield
    finally:
        _actor.reset(token)
