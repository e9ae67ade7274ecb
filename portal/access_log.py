"""Log lines without what a link lets its reader do.

The address of an invitation or of a password's reset is a secret until it was used. It stands in the request's first
line, in the Referer, and in what Django and gunicorn write about a request that went wrong.
"""

import logging
import re
from typing import Any
from urllib.parse import unquote

from gunicorn.glogging import Logger

#: However the address is written (case, further slashes, dots), whatever follows the name of the page is cut.
_LINK = re.compile(
    r"(invitation|reset[/.]+key)([/.]+)(?!\s*(?:HTTP/\d|$)|[?/.]).+?(?=\sHTTP/\d|$)", re.IGNORECASE | re.DOTALL
)
_MOST_LAYERS = 5
_TOO_MANY_LAYERS = "(an address that is encoded many times over)"


def without_links(text: str) -> str:
    """Return the text with the secret part of such addresses cut out, %-encoded ones too."""
    plain = text
    for _ in range(_MOST_LAYERS):
        if _LINK.search(plain):
            return _LINK.sub(r"\1\2***", plain)
        if plain == (plain := unquote(plain)):
            return text
    return _TOO_MANY_LAYERS


class LinkFilter(logging.Filter):
    """Cuts such addresses out of a record's message."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the message where it holds one; nothing is ever dropped."""
        message = record.getMessage()
        if (cut := without_links(message)) != message:
            record.msg, record.args = cut, ()
        return True


class AccessLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes what gunicorn writes, cut by `without_links`: requests, and what went wrong with one."""

    def setup(self, cfg: Any) -> None:
        """Open the logs as gunicorn does."""
        super().setup(cfg)
        self.error_log.addFilter(LinkFilter())

    def atoms(self, *parts: Any) -> dict[str, Any]:
        """Return what a line is made of."""
        atoms: dict[str, Any] = super().atoms(*parts)
        return {name: without_links(value) if isinstance(value, str) else value for name, value in atoms.items()}
