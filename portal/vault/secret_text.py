"""Normal form of secrets, the same for pages, files and commands: length, line breaks, and blanks at the ends.

Only line breaks are changed: a browser's become plain ones, and those at the ends are removed, because copying adds
them. Everything else that cannot be stored is rejected with a message, and never shortened.
"""

from django.core.exceptions import ValidationError

from portal.vault.kinds import Kind

LONGEST_BYTES = 8 * 1024
LIMIT = "Up to 8 kB."
#: Sent in JSON and used as signature keys, so they may have several lines, like a PEM. The others go into headers and
#: sign-in forms, which take one line.
OF_SEVERAL_LINES = frozenset({Kind.GATEWAY_API_KEY, Kind.GATEWAY_WEBHOOK_KEY})


def normal_secret(text: str, *, several_lines: bool = False) -> str:
    """Return the normalised secret. Raises ValidationError with a message that does not contain it."""
    value = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not value.strip():
        return ""
    if (size := len(value.encode())) > LONGEST_BYTES:
        raise ValidationError(
            f"A secret may have up to {LONGEST_BYTES:,} bytes (8 kB), and this has {size:,}. Nothing was cut or kept."
        )
    if "\n" in value and not several_lines:
        raise ValidationError("A line break stands in this secret, which has one line. Copy it again as one line.")
    return value


def normal_credential(kind: Kind, text: str) -> str:
    """Return the normalised credential of this kind. Raises ValidationError."""
    value = normal_secret(text, several_lines=kind in OF_SEVERAL_LINES)
    if value != value.strip():
        raise ValidationError("A blank stands before or behind this secret. Enter it again without the blank.")
    return value
