"""What a secret may look like, the same for pages, files and commands: its size, its lines, and the blanks at its ends.

Nothing of a secret is changed but line breaks: those of a browser become plain ones, and those at the ends are left
out, for they come along with copying. Everything else that cannot be kept is refused in words, never cut.
"""

from django.core.exceptions import ValidationError

from portal.vault.kinds import Kind

LONGEST_BYTES = 8 * 1024
LIMIT = "Up to 8 kB."
#: Sent in JSON and used as a key for signatures, so it may be of several lines, as a PEM is. The others go into headers
#: and sign-ins, which have one line.
OF_SEVERAL_LINES = frozenset({Kind.GATEWAY_API_KEY, Kind.GATEWAY_WEBHOOK_KEY})


def normal_secret(text: str, *, several_lines: bool = False) -> str:
    """Return a secret as it is kept; raises ValidationError with a sentence that shows nothing of it."""
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
    """Return what the vault keeps of a secret of this kind; raises ValidationError with a sentence."""
    value = normal_secret(text, several_lines=kind in OF_SEVERAL_LINES)
    if value != value.strip():
        raise ValidationError("A blank stands before or behind this secret. Enter it again without the blank.")
    return value
