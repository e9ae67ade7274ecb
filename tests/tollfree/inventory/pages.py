"""What stands on the pages."""

import html
import re
from typing import Any


def words(answer: Any) -> str:
    """The main part of a page as a person reads it: no tags, single spaces."""
    main = answer.content.decode().partition("<main")[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", "", main)).split())
