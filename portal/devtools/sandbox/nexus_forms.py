"""Answers in Nexus' format, and the error that refuses a request."""

from portal.devtools.sandbox.http1 import NOT_JSON, Answer, Request, json_answer


class RefusedError(Exception):
    """The system refuses the request; `allow` is the header of a 405."""

    def __init__(self, status: int, message: str, *, allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.allow = allow


def refusal(status: int, message: str, allow: str = "") -> Answer:
    """Return an error in Nexus' format: `status.code` is not 0."""
    headers = (("Allow", allow),) if allow else ()
    return json_answer(status, {"status": {"code": status, "message": message}}, headers)


def success(status: int, data: object) -> Answer:
    """Return a success in Nexus' format."""
    return json_answer(status, {"status": {"code": 0, "message": "ok"}, "data": data})


def json_body(request: Request) -> object:
    """Return the body of a request that declares and contains JSON. Raises `RefusedError`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RefusedError(415, "Content-Type must be application/json.")
    if request.json is NOT_JSON:
        raise RefusedError(400, "The body is not valid JSON.")
    return request.json
