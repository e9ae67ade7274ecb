"""Log filter that removes secret links, and the gunicorn access logger that uses it.

The URL of an invitation or of a password reset is a secret until it has been used. It appears in the request line, in
the Referer, and in the errors that Django and gunicorn log.
"""

import logging
import re
from typing import Any
from urllib.parse import unquote

from gunicorn.glogging import Logger

#: Matches the URL in any spelling (upper case, repeated slashes, dots): everything after the page's name is cut.
_LINK = re.compile(
    r"(invitation|reset[/.]+key)([/.]+)(?!\s*(?:HTTP/\d|$)|[?/.]).+?(?=\sHTTP/\d|$)", re.IGNORECASE | re.DOTALL
)
_MOST_LAYERS = 5
_TOO_MANY_LAYERS = "(an address that is encoded many times over)"


def without_links(text: str) -> str:
    """Return the text without the secret part of these URLs, also if they are percent-encoded."""
    plain = text
    for _ in range(_MOST_LAYERS):
        if _LINK.search(plain):
            return _LINK.sub(r"\1\2***", plain)
        if plain == (plain := unquote(plain)):
            return text
    return _TOO_MANY_LAYERS


class LinkFilter(logging.Filter):
    """Removes secret links from a record's message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message if it contains such a link; no record is dropped."""
        message = record.getMessage()
        if (cut := without_links(message)) != message:
            record.msg, record.args = cut, ()
        return True


class AccessLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's logger with secret links removed, from access logs and error logs."""

    def setup(self, cfg: Any) -> None:
        """Open the logs like gunicorn, and add the filter to the error log."""
        super().setup(cfg)
        self.error_log.addFilter(LinkFilter())

    def atoms(self, *parts: Any) -> dict[str, Any]:
        """Return the values that gunicorn formats into an access log entry."""
        atoms: dict[str, Any] = super().atoms(*parts)
        return {name: without_links(value) if isinstance(value, str) else value for name, value in atoms.items()}
