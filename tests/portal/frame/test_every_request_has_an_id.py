import logging
import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.frame.request_ids import HEADER, RequestIdFilter, RequestIdMiddleware, current_request_id


def answer(**headers: Any) -> tuple[HttpResponse, str]:
    """The answer and the id that the view saw."""
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_request_id())
        assert getattr(request, "request_id", None) == seen[0]
        return HttpResponse()

    response = RequestIdMiddleware(view)(RequestFactory().get("/", headers=headers))
    assert isinstance(response, HttpResponse)
    return response, seen[0]


def test_the_view_and_the_answer_carry_the_same_id() -> None:
    response, seen = answer()
    assert re.fullmatch("[0-9a-f]{32}", seen)
    assert response.headers[HEADER] == seen


def test_two_requests_have_two_ids() -> None:
    assert answer()[1] != answer()[1]


def test_an_id_from_outside_is_not_taken_over() -> None:
    assert answer(**{HEADER: "forged"})[1] != "forged"


def test_after_the_request_the_id_is_gone() -> None:
    answer()
    assert current_request_id() == ""


def test_a_log_line_outside_a_request_says_so() -> None:
    record = logging.makeLogRecord({})
    assert RequestIdFilter().filter(record)
    assert record.__dict__["request_id"] == "-"
