"""Form fields for secrets: never shown again, never shortened by the browser, with a length limit."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html

from portal.core.logging import redaction
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from portal.vault.secret_text import LIMIT, OF_SEVERAL_LINES, normal_credential, normal_secret


class SecretTextarea(forms.Textarea):
    """A multi-line input that is never filled in again, like a password input."""

    def format_value(self, value: Any) -> None:
        """Return nothing, so that the value is not rendered."""
        del value


class OneTimeSecretField(forms.CharField):
    """A secret that a form uses but nothing stores; `name` is its name in redacted texts."""

    def __init__(self, name: str, *, several_lines: bool = False, help_text: str = "", **more: Any) -> None:
        self.name = name
        self.several_lines = several_lines
        # new-password: browsers must neither fill it in nor store it.
        attrs = {"autocomplete": "new-password", "spellcheck": "false"} | more.pop("attrs", {})
        widget = SecretTextarea(attrs | {"rows": 3, "class": "secret-lines"}) if several_lines else None
        super().__init__(
            widget=widget or forms.PasswordInput(attrs=attrs),
            strip=False,  # normalisation decides what is removed
            help_text=f"{help_text} {LIMIT}".strip(),
            **more,
        )

    def to_python(self, value: Any) -> str:
        """Return the normalised secret, and redact it in everything that this process writes from now on."""
        text: str = super().to_python(value) or ""
        redaction.remember_secret({self.name: text})
        kept = self.normal(text)
        redaction.remember_secret({self.name: kept})
        return kept

    def normal(self, text: str) -> str:
        """Return the normalised secret. Raises ValidationError."""
        return normal_secret(text, several_lines=self.several_lines)


class SecretField(OneTimeSecretField):
    """A secret that the vault stores; an empty input keeps the stored one.

    - `can_be_made`: the portal offers to generate a strong secret, because no other system issues it.
    - `used_at`: the answers with the addresses to which it is sent.
    - `client`: the answer with the OAuth client that it belongs to.

    If one of these answers changes, the secret has to be entered again.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        variable: str = "",
        can_be_made: bool = False,
        used_at: tuple[str, ...] = (),
        client: str = "",
        **kwargs: Any,
    ) -> None:
        self.kind = kind
        self.can_be_made = can_be_made
        self.used_at = used_at
        self.client = client
        self.is_stored = False
        several_lines = kind in OF_SEVERAL_LINES
        super().__init__(str(kind.value), several_lines=several_lines, attrs={"data-variable": variable}, **kwargs)

    def normal(self, text: str) -> str:
        """Return the normalised credential. Raises ValidationError."""
        return normal_credential(self.kind, text)

    def remember(self, stored: Credential) -> None:
        """Let an empty input keep the stored value, and describe that value."""
        self.is_stored = True
        self.required = self.widget.is_required = False
        # Help texts are HTML, and a person's label is their own text, so escape it.
        self.help_text = format_html(
            "{} Stored: fingerprint {}, set by {} on {} UTC. Leave empty to keep it.",
            self.help_text,
            stored.fingerprint,
            stored.set_by_label,
            f"{stored.set_at:%-d %b %Y, %H:%M}",
        )

    def ask_again(self, sentence: str) -> None:
        """Require a value although one is stored, because that one may not be sent to the new address."""
        self.is_stored = True
        self.required = self.widget.is_required = True
        self.help_text = format_html("{} {}", self.help_text, sentence)
        self.error_messages["required"] = sentence

    def binding(self, answers: Mapping[str, Any], nexus_url: str) -> Binding | None:
        """Return the binding with these answers; None if one of them is missing.

        The Nexus API key is sent only to its own address; other secrets are also sent to Digital Channels.
        """
        if not all(answers.get(name) for name in (*self.used_at, *filter(None, [self.client]))):
            return None
        urls = [str(answers[name]) for name in self.used_at]
        handed_to = nexus_url if urls and self.kind is not Kind.NEXUS_API_KEY else ""
        return Binding.to(*urls, nexus_url=handed_to, client_id=self.client_in(answers))

    def client_in(self, answers: Mapping[str, Any]) -> str:
        """Return the OAuth client with these answers; empty if the secret belongs to none."""
        return str(answers.get(self.client) or "") if self.client else ""
