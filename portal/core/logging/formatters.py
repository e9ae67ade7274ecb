"""Logging: text for development, JSON for production.

Each record has the id of the request, and in a worker the id of the run.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

import orjson

from portal.core.middleware.request_ids import current_request_id

_run_id: ContextVar[str] = ContextVar("run_id", default="")


@contextmanager
def running(run_id: object) -> Iterator[None]:
    """Add this run's id to all log records inside the block."""
    token = _run_id.set(str(run_id))
    try:
        yield
    finally:
        _run_id.reset(token)


class ContextFilter(logging.Filter):
    """Sets `request_id` and `run_id` on each record, "-" if there is none."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set both fields; no record is dropped."""
        # Django logs the response after all middleware has ended; its record names the request.
        of_record = getattr(getattr(record, "request", None), "request_id", "")
        record.request_id = current_request_id() or of_record or "-"
        record.run_id = _run_id.get() or "-"
        return True


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object per line: time, level, logger, message, ids and any traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
            "run_id": getattr(record, "run_id", "-"),
        }
        if record.exc_info or record.exc_text:
            # exc_text is set if secrets were already redacted from it
            line["traceback"] = record.exc_text or self.formatException(record.exc_info or (None, None, None))
        return orjson.dumps(line, option=orjson.OPT_UTC_Z, default=str).decode()
