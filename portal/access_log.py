"""gunicorn's access log, without what a link lets its reader do.

The address of an invitation or of a password's reset is a secret until it was used, and it stands in the request's
first line, which gunicorn would write down.
"""

import re
from typing import Any

from gunicorn.glogging import Logger

_LINK = re.compile(r"(/accounts/(?:invitation|password/reset/key)/)[^/\s?]+")


def without_links(text: str) -> str:
    """Return the text with the secret part of such addresses cut out."""
    return _LINK.sub(r"\1***", text)


class AccessLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Writes what gunicorn writes, cut by `without_links`."""

    def atoms(self, *parts: Any) -> dict[str, Any]:
        """Return what a line is made of."""
        atoms: dict[str, Any] = super().atoms(*parts)
        return {name: without_links(value) if isinstance(value, str) else value for name, value in atoms.items()}
