import logging
import re
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from portal.core.logging.formatters import ContextFilter
from portal.core.middleware.request_ids import HEADER, RequestIdMiddleware, current_request_id


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
    assert id_in_the_log(logging.makeLogRecord({})) == "-"


@pytest.mark.django_db
def test_what_django_says_of_an_answer_carries_the_requests_id(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """It is written when all middleware has ended."""
    for path in ("/no-such-page/", "/healthz"):
        caplog.clear()
        response = client.post(path)
        assert response.status_code in {404, 405}
        written = [record for record in caplog.records if record.name == "django.request"]
        assert [id_in_the_log(record) for record in written] == [response.headers[HEADER]]


def id_in_the_log(record: logging.LogRecord) -> str:
    assert ContextFilter().filter(record)
    return str(record.__dict__["request_id"])
