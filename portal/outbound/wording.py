"""Calls as text: request and response as they were sent, without secrets."""

from portal.outbound.models import Call


def request_text(call: Call) -> str:
    """Return method, URL, headers and body of a call; secrets appear as `$names`."""
    return _message(f"{call.method} {call.url}", call.request_headers, call.request_body)


def answer_text(call: Call) -> str:
    """Return status, headers and body of its response, redacted; "" without a response."""
    return _message(str(call.status), call.answer_headers, call.answer_body) if call.status else ""


def _message(first: str, headers: dict[str, str], body: str) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join(lines) + (f"\n\n{body}" if body else "")
