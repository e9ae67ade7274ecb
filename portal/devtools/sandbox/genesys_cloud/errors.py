"""Error bodies of Genesys Cloud: one format with a dotted code and a message with parameters."""

import uuid
from collections.abc import Mapping
from typing import Final

from portal.devtools.sandbox.http1 import Answer, Headers, json_answer

Generic = tuple[str, str]

# Used for a status if nothing more specific is known.
GENERIC: Final[Mapping[int, Generic]] = {
    400: ("bad.request", "The request could not be understood by the server due to malformed syntax."),
    401: ("bad.credentials", "Invalid login credentials."),
    403: ("not.authorized", "You are not authorized to perform the requested action."),
    404: ("not.found", "The requested resource was not found."),
    405: ("method.not.allowed", "The method is not allowed for the requested resource."),
    408: ("request.timeout", "The request timed out."),
    409: ("conflict", "The request conflicts with the state of the resource."),
    415: ("unsupported.media.type", "Unsupported or incorrect media type in the header Content-Type."),
    429: ("too.many.requests", "Rate limit exceeded the maximum."),
    500: ("internal.server.error", "The server encountered an unexpected condition."),
    503: ("service.unavailable", "The server is currently unavailable."),
    504: ("request.timeout", "The request timed out."),
}


class ApiError(Exception):
    """A request is refused; `answer` is the response."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


def document(status: int, code: str, message: str, parameters: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return an error's body. `message` is a template with braces; without parameters it is used unchanged."""
    return {
        "message": message.format_map(parameters) if parameters else message,
        "code": code,
        "status": status,
        "messageWithParams": message,
        "messageParams": dict(parameters or {}),
        "contextId": str(uuid.uuid4()),
        "details": [],
        "errors": [],
    }


def plain(status: int, message: str = "") -> Answer:
    """Return an error of which only the status is known."""
    code, sentence = GENERIC.get(status, ("error", "The request was refused."))
    return json_answer(status, document(status, code, message or sentence))


def refuse(status: int, message: str = "", headers: Headers = ()) -> ApiError:
    """Return the same as an exception."""
    answer = plain(status, message)
    return ApiError(answer._replace(headers=headers))


def particular(status: int, code: str, message: str, **parameters: str) -> ApiError:
    """Return an error with a specific code, as an exception."""
    return ApiError(json_answer(status, document(status, code, message, parameters)))


def too_many(limit: int, window: float, wait: int) -> Answer:
    """Return a 429 with Retry-After in whole seconds."""
    parameters = {"limit": str(limit), "seconds": f"{window:g}", "retry": str(wait)}
    message = "Rate limit exceeded the maximum [{limit}] requests within [{seconds}] seconds: retry in [{retry}]"
    body = document(429, "too.many.requests", message, parameters)
    return json_answer(429, body, (("Retry-After", str(wait)),))


def html(status: int, title: str) -> Answer:
    """Return an HTML page of the proxy in front of the API."""
    page = f"<!doctype html><html><head><title>{title}</title></head><body><h1>{status} {title}</h1></body></html>"
    return Answer(status, page.encode(), (), "text/html; charset=utf-8")
