"""What joins the lines of one click: the request's id and the address it came from."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


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
