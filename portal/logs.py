"""Log lines: as text for people in development, as JSON for machines in production.

Each carries the id of the request, and of the run in whose name a worker writes it.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

from portal.frame.request_ids import current_request_id

_run_id: ContextVar[str] = ContextVar("run_id", default="")


@contextmanager
def running(run_id: object) -> Iterator[None]:
    """Let all lines inside carry the id of this run."""
    token = _run_id.set(str(run_id))
    try:
        yield
    finally:
        _run_id.reset(token)


class ContextFilter(logging.Filter):
    """Gives each record `request_id` and `run_id`, "-" where there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Mark the record; nothing is ever dropped."""
        record.request_id = current_request_id() or "-"
        record.run_id = _run_id.get() or "-"
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request, run, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
            "run_id": getattr(record, "run_id", "-"),
        }
        if record.exc_info or record.exc_text:
            # exc_text is set where secrets were cut out of it already
            line["traceback"] = record.exc_text or self.formatException(record.exc_info or (None, None, None))
        return orjson.dumps(line, option=orjson.OPT_UTC_Z, default=str).decode()
