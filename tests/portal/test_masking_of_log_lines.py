"""Log lines, whoever writes them and however, go out without the secrets that this process handled."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
from django.test import RequestFactory

from portal.celery import app
from portal.core.logging import redaction
from portal.core.logging.encodings import encodings
from portal.core.logging.formatters import ContextFilter, JsonFormatter
from portal.core.logging.redaction import RedactionFilter, remember_secret
from portal.http_client.destinations import Destination
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Request, Secret
from portal.http_client.send import send
from portal.http_client.session import close_sessions
from tests.portal.outbound.raw_server import RawServer, answer
from tests.support.canaries import canary, hits

SECRET = canary("apiKey")
TEXT = logging.Formatter("%(levelname)s %(name)s %(message)s")


class Log:
    """What the portal's handler has written, as text and as JSON."""

    def __init__(self) -> None:
        self.streams = [io.StringIO(), io.StringIO()]
        self.handlers = [
            self._handler(stream, form) for stream, form in zip(self.streams, [TEXT, JsonFormatter()], strict=True)
        ]

    @staticmethod
    def _handler(stream: io.StringIO, form: logging.Formatter) -> logging.Handler:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form)
        handler.addFilter(ContextFilter())
        handler.addFilter(RedactionFilter())
        return handler

    @property
    def evidence(self) -> list[tuple[str, bytes]]:
        return [(name, stream.getvalue().encode()) for name, stream in zip(("text", "JSON"), self.streams, strict=True)]

    @property
    def text(self) -> str:
        return self.streams[0].getvalue()


@pytest.fixture(autouse=True)
def log() -> Iterator[Log]:
    """All that is logged at any level."""
    log, root = Log(), logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    for handler in log.handlers:
        root.addHandler(handler)
    remember_secret({"apiKey": SECRET.value})
    yield log
    for handler in log.handlers:
        root.removeHandler(handler)
    root.setLevel(before)


def raise_it() -> None:
    raise ValueError(f"cannot send { ({'key': SECRET.value})!r}")


def _raised(write: Callable[..., None]) -> None:
    try:
        raise_it()
    except ValueError as error:
        write("it failed: %r", error, exc_info=True)


LINES: dict[str, Callable[[logging.Logger], object]] = {
    "in the message": lambda log: log.info(f"got {SECRET.value}"),  # noqa: G004 - as careless libraries do
    "in an argument": lambda log: log.info("got %s", SECRET.value),
    "in a repr": lambda log: log.warning("got %r", {"p": SECRET.value}),
    "in bytes": lambda log: log.info("send: %r", f"x-api-key: {SECRET.value}\r\n".encode()),
    "in JSON": lambda log: log.error("body %s", json.dumps({"p": json.dumps({"q": SECRET.value})})),
    "in a traceback": lambda log: _raised(log.error),
    "in a traceback at INFO": lambda log: _raised(log.info),
}
LOGGERS = [
    "portal.http_client.serialization",
    "celery.worker",
    "kombu",
    "urllib3.connectionpool",
    "django.request",
    "provisioning",
]


@pytest.mark.parametrize("logger", LOGGERS)
@pytest.mark.parametrize("line", LINES)
def test_no_line_shows_one(log: Log, line: str, logger: str) -> None:
    LINES[line](logging.getLogger(logger))
    assert hits(log.evidence, [SECRET]) == []
    assert "[secret apiKey]" in log.text


def test_a_traceback_that_another_handler_wrote_first_is_masked_too(log: Log) -> None:
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, "it failed", (), None)
    record.exc_text = f"Traceback …\nValueError: {SECRET.value}"
    logging.getLogger().handle(record)
    assert hits(log.evidence, [SECRET]) == []


def test_what_was_posted_is_masked_in_the_line_about_its_request(log: Log) -> None:
    typed = canary("kaleyraUserName")
    request = RequestFactory().post("/", {"kaleyraUserName": typed.value})
    assert request.POST
    logging.getLogger("django.request").error("failed with %s", typed.value, extra={"request": request})
    assert hits(log.evidence, [typed]) == []


def test_a_task_that_raises_shows_none(log: Log) -> None:
    @app.task(name="tests.raises", shared=False)
    def raises() -> None:
        raise_it()

    raises.apply(throw=False)
    app.tasks.unregister("tests.raises")
    assert "raised unexpected: ValueError" in log.text
    assert hits(log.evidence, [SECRET]) == []


@pytest.fixture
def echoing() -> Iterator[Callable[[str], str]]:
    """Start a server whose answers have this id, and return its address."""
    started: list[RawServer] = []

    def start(echo: str) -> str:
        started.append(RawServer((answer(401, X_Request_ID=echo),)))
        return started[-1].url

    yield start
    close_sessions()
    for server in started:
        server.stop()


@pytest.mark.parametrize(
    ("before", "middle"), [("", "\"'"), ("x" * 100, "-"), ("", " ")], ids=["an id", "too long", "with a space"]
)
def test_an_id_in_the_answer_that_is_an_echo_shows_none(
    log: Log, echoing: Callable[[str], str], before: str, middle: str
) -> None:
    key = canary("apiKey", middle)
    address = echoing(before + key.value)
    request = Request(Destination.NEXUS, "look", "GET", address, {"x-api-key": Secret("apiKey")}, None)
    with pytest.raises(OutboundError):
        send(request, {"apiKey": key.value})
    assert "-> 401" in log.text
    assert hits(log.evidence, [key]) == []


def test_lines_without_secrets_are_left_as_they_are(log: Log) -> None:
    logging.getLogger("x").info("%s of %d", "one", 2)
    assert "INFO x one of 2\n" in log.text


@pytest.mark.usefixtures("nothing_remembered")
def test_the_last_values_are_remembered_and_the_oldest_forgotten() -> None:
    for number in range(redaction.MOST_REMEMBERED + 1):
        remember_secret({"apiKey": f"value-{number:03}"})
    assert redaction.redacted("value-000 value-001") == "value-000 [secret apiKey]"
    remember_secret({"apiKey": "value-001"})
    remember_secret({"apiKey": "value-new"})
    assert redaction.redacted("value-001 value-002") == "[secret apiKey] value-002"


@pytest.mark.usefixtures("nothing_remembered")
def test_a_secret_that_is_a_word_of_a_mark_leaves_the_mark_whole() -> None:
    remember_secret({"kaleyraPassword": "hidden-away", "apiKey": "secret", "clientId": "kaleyraPassword"})
    once = redaction.redacted("a secret is hidden-away")
    assert once == "a [secret apiKey] is [secret kaleyraPassword]"
    assert redaction.redacted(once) == once


@pytest.mark.usefixtures("nothing_remembered")
def test_of_secrets_that_overlap_nothing_is_left() -> None:
    remember_secret({"apiKey": "early-and-middle", "kaleyraPassword": "middle-and-very-late"})
    assert redaction.redacted("so early-and-middle-and-very-late!") == "so [secret apiKey]!"


@pytest.mark.usefixtures("nothing_remembered")
@pytest.mark.parametrize(
    "value", ["pass", "a b'c", "eight-ch", "ten-letter", "hunter-2024", "k€y/with&all", "Xk7_" * 6]
)
def test_no_spelling_is_overlooked_wherever_it_stands(value: str) -> None:
    remember_secret({"apiKey": value})
    for form in encodings(value):
        for before, after in product(range(8), ("", " and more letters")):
            assert form not in redaction.redacted("." * before + form + after)


def test_very_short_values_cut_no_holes_into_words(log: Log) -> None:
    remember_secret({"apiKey": "abc"})
    assert redaction.redacted("abcdef") == "abcdef"


def test_json_lines_stay_json(log: Log) -> None:
    _raised(logging.getLogger("x").error)
    lines: list[Any] = [json.loads(line) for line in log.streams[1].getvalue().splitlines()]
    assert lines[-1]["traceback"].startswith("Traceback")
    assert "[secret apiKey]" in lines[-1]["message"]
