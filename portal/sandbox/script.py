"""The words in which a bad answer is written down.

A *script* yields steps: bytes are sent, a float is waited for (seconds), an `Ending` ends it. A script that
runs out leaves the connection open for the next request, as an honest answer does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from portal.sandbox.wire import Answer, Headers, Request, start, write


class Ending(Enum):
    """How a script leaves the connection."""

    CLOSE = "close"  # an orderly end (FIN)
    RESET = "reset"  # a torn one (RST)
    HOLD = "hold"  # silence until the client gives up


CLOSE: Final = Ending.CLOSE
RESET: Final = Ending.RESET
HOLD: Final = Ending.HOLD

Option = str | int | float
Step = bytes | float | Ending
Script = Iterator[Step]
Refusal = Callable[[Request, int, str], Answer]


@dataclass(frozen=True)
class Case:
    """What a bad answer may look at: request, honest answer, status to send, options of the fault.

    `refusal` makes a refusal in the form of the system that was asked.
    """

    request: Request
    honest: Answer
    status: int
    options: Mapping[str, Option]
    refusal: Refusal

    def number(self, name: str) -> float:
        """An option as a number."""
        return float(self.options[name])

    def text(self, name: str) -> str:
        """An option as text."""
        return str(self.options[name])


Writer = Callable[[Case], Script]


def reply(case: Case, body: bytes, *headers: tuple[str, str], content_type: str = "application/json") -> bytes:
    """A well-framed answer with the case's status."""
    return write(Answer(case.status, body, headers, content_type))


def head(case: Case, *headers: tuple[str, str]) -> bytes:
    """A head with no Content-Length of its own, to be framed well or badly by `headers`."""
    fields: Headers = (("Content-Type", "application/json"), *headers)
    return start(case.status, fields) + b"\r\n"


def ok_document(data: object) -> dict[str, object]:
    """What a success looks like."""
    return {"status": {"code": 0, "message": "ok"}, "data": data}


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def refusal_body(case: Case, message: str = "The sandbox was told to refuse this.") -> bytes:
    """A refusal in the system's own form."""
    return case.refusal(case.request, case.status, message).body
