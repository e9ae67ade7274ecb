"""Validation of section names and Designer endpoint names."""

import re

from django.core.exceptions import ValidationError

#: Prefix of every section and endpoint of a sender ID (guide).
PREFIX = "chat."
_SECTION = re.compile(r"[A-Za-z_-]{1,60}")
_ENDPOINT = re.compile(r"[A-Za-z0-9_.-]{1,100}")


def is_section(name: str) -> bool:
    """Return whether this is a valid section name without its prefix (guide: letters, underscores and dashes)."""
    return bool(_SECTION.fullmatch(name))


def section_name(text: str) -> str:
    """Return the section's name without `chat.`; raises ValidationError."""
    name = _without_prefix(text)
    if not is_section(name):
        raise ValidationError(
            "A section's name may hold up to 60 letters, underscores and dashes: no digits, no spaces."
        )
    return name


def endpoint_name(text: str) -> str:
    """Return the Designer endpoint's name without `chat.`; raises ValidationError."""
    name = _without_prefix(text)
    if not _ENDPOINT.fullmatch(name):
        raise ValidationError(
            "An endpoint's name may hold up to 100 letters, digits, dots, underscores and dashes: no spaces."
        )
    return name


def _without_prefix(text: str) -> str:
    """Return the name without one `chat.`, in any case; raises ValidationError if a second one follows."""
    name = text.strip()
    if name.lower().startswith(PREFIX):
        name = name[len(PREFIX) :]
    if name.lower().startswith(PREFIX):
        raise ValidationError(f"{PREFIX} stands twice before this name. Enter it once, or not at all.")
    return name
