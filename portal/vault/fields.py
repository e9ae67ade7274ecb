"""The form fields of secrets: never shown again, never cut by the browser, and refused in words if too long."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.html import format_html

from portal.vault import masking
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from portal.vault.secret_text import LIMIT, OF_SEVERAL_LINES, normal_credential, normal_secret


class SecretTextarea(forms.Textarea):
    """An input of several lines that is not filled in again, as a password's is not."""

    def format_value(self, value: Any) -> None:
        """Return nothing of what was sent."""
        del value


class OneTimeSecretField(forms.CharField):
    """A secret that a form uses and nobody keeps; `name` is what masked texts call it."""

    def __init__(self, name: str, *, several_lines: bool = False, help_text: str = "", **more: Any) -> None:
        self.name = name
        self.several_lines = several_lines
        # new-password: browsers must neither fill it in nor keep it.
        attrs = {"autocomplete": "new-password", "spellcheck": "false"} | more.pop("attrs", {})
        widget = SecretTextarea(attrs | {"rows": 3, "class": "secret-lines"}) if several_lines else None
        super().__init__(
            widget=widget or forms.PasswordInput(attrs=attrs),
            strip=False,  # normal_secret says what is left out
            help_text=f"{help_text} {LIMIT}".strip(),
            **more,
        )

    def to_python(self, value: Any) -> str:
        """Return the secret as it is kept; from now on nothing that this process writes about itself shows it."""
        text: str = super().to_python(value) or ""
        masking.remember({self.name: text})
        kept = self.normal(text)
        masking.remember({self.name: kept})
        return kept

    def normal(self, text: str) -> str:
        """Return the secret in its normal form; raises ValidationError."""
        return normal_secret(text, several_lines=self.several_lines)


class SecretField(OneTimeSecretField):
    """A secret that the vault keeps; an empty input keeps what is stored.

    `can_be_made`: nobody else gives this one out, so the portal offers to make a strong one. `used_at` names the
    answers that are the addresses to which it goes, `client` the answer that is the OAuth client which it opens: when
    one of these changes, the secret is asked for anew.
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
        """Return what the vault keeps of it; raises ValidationError."""
        return normal_credential(self.kind, text)

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

    def ask_again(self, sentence: str) -> None:
        """Demand a value although one is stored: that one must not go where this one will."""
        self.is_stored = True
        self.required = self.widget.is_required = True
        self.help_text = format_html("{} {}", self.help_text, sentence)
        self.error_messages["required"] = sentence

    def binding(self, answers: Mapping[str, Any], nexus_url: str) -> Binding | None:
        """Return where it goes by these answers; None while one of them is not given.

        The Nexus API key itself goes there and nowhere else; other secrets are handed to Digital Channels besides.
        """
        if not all(answers.get(name) for name in (*self.used_at, *filter(None, [self.client]))):
            return None
        urls = [str(answers[name]) for name in self.used_at]
        handed_to = nexus_url if urls and self.kind is not Kind.NEXUS_API_KEY else ""
        return Binding.to(*urls, nexus_url=handed_to, client_id=self.client_in(answers))

    def client_in(self, answers: Mapping[str, Any]) -> str:
        """Return the OAuth client by these answers; empty for a secret of no client."""
        return str(answers.get(self.client) or "") if self.client else ""
