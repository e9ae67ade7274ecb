"""What sections and Designer endpoints may be called."""

import re

from django.core.exceptions import ValidationError

#: What every section and endpoint of a sender ID begins with (guide).
PREFIX = "chat."
_SECTION = re.compile(r"[A-Za-z_-]{1,60}")
_ENDPOINT = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def is_section(name: str) -> bool:
    """Say whether a section may be called so, after its prefix (guide: letters, underscores and dashes)."""
    return bool(_SECTION.fullmatch(name))


def section_name(text: str) -> str:
    """Return the section's name without `chat.`; raises ValidationError with a sentence."""
    name = text.strip().removeprefix(PREFIX)
    if not is_section(name):
        raise ValidationError(
            "A section's name may hold up to 60 letters, underscores and dashes: no digits, no spaces."
        )
    return name


def endpoint_name(text: str) -> str:
    """Return the Designer endpoint's name without `chat.`; raises ValidationError with a sentence."""
    name = text.strip().removeprefix(PREFIX)
    if not _ENDPOINT.fullmatch(name):
        raise ValidationError(
            "An endpoint's name may hold up to 100 letters, digits, dots, underscores and dashes: no spaces."
        )
    return name
