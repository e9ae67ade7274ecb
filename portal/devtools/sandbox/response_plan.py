"""Response plans: how a bad response is described.

A plan yields steps: bytes are sent, a float is a wait in seconds, and an `Ending` ends it. A plan that runs out leaves
the connection open for the next request, as an honest answer does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final

from portal.devtools.sandbox.http1 import Answer, Headers, Request, start, write


class Ending(Enum):
    """How a plan leaves the connection."""

    CLOSE = "close"  # close in order (FIN)
    RESET = "reset"  # reset (RST)
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
    """The input of a response plan: request, honest answer, status to send, options of the fault.

    `refusal` returns a refusal in the format of the called system.
    """

    request: Request
    honest: Answer
    status: int
    options: Mapping[str, Option]
    refusal: Refusal

    def number(self, name: str) -> float:
        """Return an option as a number."""
        return float(self.options[name])

    def text(self, name: str) -> str:
        """Return an option as a string."""
        return str(self.options[name])


Writer = Callable[[Case], Script]


def reply(case: Case, body: bytes, *headers: tuple[str, str], content_type: str = "application/json") -> bytes:
    """Return a correctly framed answer with the case's status."""
    return write(Answer(case.status, body, headers, content_type))


def head(case: Case, *headers: tuple[str, str]) -> bytes:
    """Return a head without a Content-Length of its own; `headers` determine the framing."""
    fields: Headers = (("Content-Type", "application/json"), *headers)
    return start(case.status, fields) + b"\r\n"


def ok_document(data: object) -> dict[str, object]:
    """Return the document of a success."""
    return {"status": {"code": 0, "message": "ok"}, "data": data}


def chunk(data: bytes) -> bytes:
    """Return one chunk of a chunked body."""
    return b"%x\r\n%s\r\n" % (len(data), data)


def refusal_body(case: Case, message: str = "The sandbox was told to refuse this.") -> bytes:
    """Return the body of a refusal in the system's format."""
    return case.refusal(case.request, case.status, message).body
