"""The form field of a secret."""

from typing import Any

from django import forms
from django.utils.html import format_html

from portal.vault import masking
from portal.vault.kinds import Kind
from portal.vault.models import Credential


class SecretField(forms.CharField):
    """A write-only secret: never shown again, and an empty input keeps what is stored.

    `can_be_made`: nobody else gives this one out, so the portal offers to make a strong one.
    """

    def __init__(self, kind: Kind, *, variable: str = "", can_be_made: bool = False, **kwargs: Any) -> None:
        self.kind = kind
        self.can_be_made = can_be_made
        self.is_stored = False
        # new-password: browsers must neither fill it in nor keep it.
        attrs = {"autocomplete": "new-password", "spellcheck": "false", "data-variable": variable}
        super().__init__(max_length=500, widget=forms.PasswordInput(attrs=attrs), **kwargs)

    def to_python(self, value: Any) -> str:
        """Return the value; from now on nothing that this process writes about itself shows it."""
        text: str = super().to_python(value) or ""
        masking.remember({str(self.kind.value): text})
        return text

    def remember(self, stored: Credential) -> None:
        """Let an empty input keep the stored value, and say which one that is."""
        self.is_stored = True
        self.required = self.widget.is_required = False
        # Help texts are drawn as HTML, and a person's name is what that person chose.
        self.help_text = format_html(
            "{} Stored: fingerprint {}, set by {} on {} UTC. Leave empty to keep it.",
            self.help_text,
            stored.fingerprint,
            stored.set_by_label,
            f"{stored.set_at:%d %b %Y, %H:%M}",
        )
