"""Django's error reports show frames, settings and what was posted; none of it shows a secret."""

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.core import mail
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter

from portal.core.logging.redaction import RedactingReporter, remember_secret
from tests.support.canaries import Canary, canary, hits

pytestmark = [pytest.mark.sweep, pytest.mark.usefixtures("nothing_remembered")]

SECRET = canary("apiKey")
LONGER = f"{SECRET.head}, and {SECRET.tail}"
OWN = canary("the portal's own")


class Boom(Exception):
    """What the code under report raises."""


def in_the_message() -> None:
    raise Boom(f"cannot send {SECRET.value}")


def in_the_repr_of_the_message() -> None:
    raise Boom(f"cannot send { ({'headers': {'x-api-key': SECRET.value}})!r}")


def in_a_local_variable() -> None:
    held = SECRET.value
    raise Boom(len(held))


def in_bytes() -> None:
    held = f"Basic {SECRET.value}".encode()
    raise Boom(len(held))


def in_a_structure() -> None:
    held = {"steps": [{"secret": {"password": SECRET.value, "pad": "x " * 60}}]}
    raise Boom(len(held))


def in_a_line_so_long_that_it_is_broken() -> None:
    held = "some words before it " * 5 + SECRET.value + " and some after it" * 5
    raise Boom(len(held))


def in_a_line_so_long_that_it_is_cut() -> None:
    held = "x" * (4096 - len(SECRET.value) // 2) + SECRET.value
    raise Boom(len(held))


def in_a_cause() -> None:
    try:
        in_the_message()
    except Boom as error:
        raise Boom("it failed") from error


def in_a_context_two_deep() -> None:
    try:
        in_a_cause()
    except Boom:
        raise Boom("it failed again")  # noqa: B904 - the implicit context is what is tested


def in_a_note() -> None:
    error = Boom("it failed")
    error.add_note(f"while sending {SECRET.value}")
    raise error


def in_letters_that_cannot_be_coded() -> None:
    SECRET.value.encode("ascii")


def in_a_variable_whose_repr_fails() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError(SECRET.value)

    held = Broken()
    raise Boom(type(held).__name__)


PLACES = [value for name, value in list(globals().items()) if name.startswith("in_")]


def raised_by(work: Callable[[], None]) -> tuple[type[BaseException], BaseException, TracebackType | None]:
    try:
        work()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
        return type(error), error, error.__traceback__
    raise AssertionError("it did not fail")


def pages_of(report: ExceptionReporter) -> list[tuple[str, bytes]]:
    return [("text", report.get_traceback_text().encode()), ("HTML", report.get_traceback_html().encode())]


@pytest.mark.parametrize("work", PLACES, ids=lambda work: work.__name__)
def test_a_secret_is_in_no_report(work: Callable[[], None]) -> None:
    remember_secret({"apiKey": SECRET.value})
    for report in (RedactingReporter(None, *raised_by(work)), RedactingReporter(None, *raised_by(work), is_email=True)):
        assert hits(pages_of(report), [SECRET]) == []
        assert work.__name__ in report.get_traceback_text()


def test_no_letters_around_one_that_cannot_be_coded_are_shown() -> None:
    report = RedactingReporter(None, *raised_by(in_letters_that_cannot_be_coded))
    assert "The string that could not be encoded" not in report.get_traceback_html()


@pytest.mark.parametrize("work", [in_a_local_variable, in_a_structure], ids=lambda work: work.__name__)
def test_the_report_names_the_secret_that_it_does_not_show(work: Callable[[], None]) -> None:
    remember_secret({"apiKey": SECRET.value})
    assert "[secret apiKey]" in RedactingReporter(None, *raised_by(work)).get_traceback_html()


def test_a_variable_without_a_secret_is_shown_as_django_shows_it() -> None:
    def work() -> None:
        held = ["plain", 1]
        raise Boom(len(held))

    assert "[&#x27;plain&#x27;, 1]" in RedactingReporter(None, *raised_by(work)).get_traceback_html()


def test_a_shorter_secret_within_a_longer_one_leaves_nothing_of_it() -> None:
    remember_secret({"apiKey": LONGER, "kaleyraPassword": SECRET.head})

    def work() -> None:
        raise Boom(LONGER)

    assert hits(pages_of(RedactingReporter(None, *raised_by(work))), [SECRET]) == []


def test_a_secret_that_is_a_word_of_a_mark_leaves_the_mark_whole() -> None:
    remember_secret({"apiKey": SECRET.value, "kaleyraUserName": "secret"})
    report = RedactingReporter(None, *raised_by(in_a_local_variable))
    for page in (report.get_traceback_text(), report.get_traceback_html()):
        assert "[[secret" not in page
    assert "[secret apiKey]" in report.get_traceback_html()


# What was posted


def request_with(typed: Canary) -> HttpRequest:
    request = RequestFactory().post("/setups/1/", {"kaleyraUserName": typed.value, "kaleyraURL": "http://x.example"})
    assert isinstance(request.POST, QueryDict)
    return request


def test_what_was_posted_is_masked_before_a_form_has_seen_it() -> None:
    typed = canary("kaleyraUserName")
    request = request_with(typed)

    def work() -> None:
        values = request.POST
        raise Boom(f"cannot take {values}")

    report = RedactingReporter(request, *raised_by(work), is_email=True)
    assert hits(pages_of(report), [typed]) == []
    assert "[secret kaleyraUserName]" in report.get_traceback_text()


def test_a_report_without_a_request_or_an_error_is_written_too() -> None:
    assert "No exception message supplied" in RedactingReporter(None, None, None, None).get_traceback_text()


# The portal's own


def _fails_at_an_address() -> None:
    address = f"redis://:{OWN.value}@127.0.0.1:1/0"
    raise Boom(f"cannot reach {address}")


@pytest.mark.parametrize("name", ["REDIS_URL", "SECRET_KEY", "METRICS_TOKEN"])
def test_the_portals_own_secrets_are_masked_wherever_they_stand(name: str, settings: Any) -> None:
    setattr(settings, name, f"redis://:{quote(OWN.value)}@127.0.0.1:1/0" if name == "REDIS_URL" else OWN.value)
    assert hits(pages_of(RedactingReporter(None, *raised_by(_fails_at_an_address))), [OWN]) == []


def test_the_databases_password_is_masked_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "PASSWORD", OWN.value)
    assert hits(pages_of(RedactingReporter(None, *raised_by(_fails_at_an_address))), [OWN]) == []


def test_the_settings_that_repeat_the_queues_password_are_masked() -> None:
    password = settings.REDIS_URL.split(":")[2].partition("@")[0]
    pages = pages_of(RedactingReporter(None, *raised_by(in_the_message)))
    assert password
    assert all(b"CELERY_BROKER_URL" in page for _, page in pages)
    assert not [place for place, page in pages if password.encode() in page]


# The mail to the site's administrators


def test_the_mail_of_an_error_shows_none(settings: Any) -> None:
    settings.ADMINS = [("Ops", "ops@example.com")]
    remember_secret({"apiKey": SECRET.value})
    typed = canary("kaleyraUserName")
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Internal Server Error", (), None)
    record.exc_info = raised_by(in_a_context_two_deep)
    record.request = request_with(typed)
    AdminEmailHandler(include_html=True).handle(record)
    sent: Any = mail.outbox[0]
    html = str(sent.alternatives[0][0])
    assert "it failed again" in html
    assert hits([("text", str(sent.body).encode()), ("HTML", html.encode())], [SECRET, typed]) == []
