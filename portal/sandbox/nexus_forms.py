"""The forms in which Nexus answers, and how a request that it does not take is refused."""

from portal.sandbox.wire import NOT_JSON, Answer, Request, json_answer


class RefusedError(Exception):
    """A request that the system does not take; `allow` goes with a 405."""

    def __init__(self, status: int, message: str, *, allow: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.allow = allow


def refusal(status: int, message: str, allow: str = "") -> Answer:
    """An error in Nexus' form: `status.code` is not 0."""
    headers = (("Allow", allow),) if allow else ()
    return json_answer(status, {"status": {"code": status, "message": message}}, headers)


def success(status: int, data: object) -> Answer:
    """A success in Nexus' form."""
    return json_answer(status, {"status": {"code": 0, "message": "ok"}, "data": data})


def json_body(request: Request) -> object:
    """The body, declared as JSON and being it; raises `RefusedError`."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise RefusedError(415, "Content-Type must be application/json.")
    if request.json is NOT_JSON:
        raise RefusedError(400, "The body is not valid JSON.")
    return request.json
