"""Base form of the wizard steps. Field names are the guide's variables."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from portal.ui.forms import PortalFormMixin
from portal.vault.actions import bind_made, holds, store_credential
from portal.vault.binding import Binding, refusal
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from portal.vault.lookup import choose, stored_for
from portal.vault.models import Credential


def facts_of(tenant: Tenant) -> dict[str, str]:
    """Return the answers that come from the tenant's row, which overrides what a draft has saved."""
    return {"ccid": str(tenant.ccid), "nexusURL": tenant.nexus_url}


class StepForm(PortalFormMixin, forms.Form):
    """Form of one wizard step for one tenant.

    Secrets go to the vault, all other answers to the draft. Each field shows its name, which is the guide's variable,
    and its value in `examples`.
    """

    tenant: Tenant
    examples: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        tenant: Tenant,
        *,
        saved: Mapping[str, Any] | None = None,
        draft: str = "",
        stored: Iterable[Credential] | None = None,
        **kwargs: Any,
    ) -> None:
        """Take the saved answers of all steps and the draft's id, which determine where secrets are stored and sent."""
        super().__init__(**kwargs)
        self.tenant, self.draft = tenant, draft
        self.saved = facts_of(tenant) | dict(saved or {})
        # Bulk validation passes what is stored, loaded once for all tenants.
        self.known = stored_for(tenant.pk, draft) if self._kinds() and stored is None else list(stored or ())
        for secret in self.secret_fields().values():
            self._remember(secret)
        for name, field in self.fields.items():
            field.widget.attrs["data-variable"] = f"${name}"
            field.widget.attrs["data-example"] = self.examples.get(name, "")

    @classmethod
    def _kinds(cls) -> list[Kind]:
        return [field.kind for field in cls.base_fields.values() if isinstance(field, SecretField)]

    def secret_fields(self) -> dict[str, SecretField]:
        """Return the fields whose values go to the vault, by name."""
        return {name: field for name, field in self.fields.items() if isinstance(field, SecretField)}

    def clean(self) -> dict[str, Any]:
        """Require a secret again if its address or client has changed; a stored one is never sent elsewhere."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, secret in self.secret_fields().items():
            if name in cleaned and not cleaned[name] and (sentence := self._why_again(secret, self.saved | cleaned)):
                self.add_error(name, sentence)
        return cleaned

    def answers(self) -> dict[str, Any]:
        """Return what the draft saves: every answer that is not secret, as JSON values."""
        secret = self.secret_fields()
        return {name: _plain(value) for name, value in self.cleaned_data.items() if name not in secret}

    def holds(self) -> bool:
        """Return whether the vault already holds exactly the secrets that were typed."""
        stored = stored_for(self.tenant.pk, self.draft)
        for name, secret in self.secret_fields().items():
            if value := self.cleaned_data[name]:
                row = choose(
                    stored, secret.kind, self._binding(secret, self.saved | self.cleaned_data), draft=self.draft
                )
                if row is None or not holds(row, value):
                    return False
        return True

    def store(self, actor: Actor) -> None:
        """Store the secrets in the vault; an empty input keeps what is stored."""
        for name, secret in self.secret_fields().items():
            binding = self._binding(secret, self.saved | self.cleaned_data)
            if value := self.cleaned_data[name]:
                # A secret that is sent nowhere does not wait for the set-up to start.
                draft = self.draft if secret.used_at else ""
                store_credential(actor, self.tenant.pk, secret.kind, value, binding=binding, draft=draft)
            else:
                row = choose(self.known, secret.kind, binding, draft=self.draft)
                if row is not None and self._is_made(secret, row):
                    bind_made(actor, row, binding)

    def _remember(self, secret: SecretField) -> None:
        """Let an empty input keep the stored secret, or explain why it must be entered again."""
        row = choose(self.known, secret.kind, self._binding(secret, self.saved), draft=self.draft)
        if row is None:
            return
        if sentence := self._why_again(secret, self.saved):
            secret.ask_again(sentence)
        else:
            secret.remember(row)

    def _why_again(self, secret: SecretField, answers: Mapping[str, Any]) -> str:
        """Return why the stored secret cannot be used with these answers, or an empty string."""
        wanted = secret.binding(answers, self.tenant.nexus_url)
        if (not secret.is_stored and not self.is_bound) or wanted is None:
            return ""
        row = choose(self.known, secret.kind, wanted, draft=self.draft)
        if row is None:
            return (
                f"{secret.kind.label}: none is stored for this client. Enter the one that belongs to it."
                if secret.client
                else ""
            )
        if self._is_made(secret, row):
            return ""
        missing = row.binding.lacks(wanted)
        return refusal([row.label], row.binding.places, missing) if missing else ""

    @staticmethod
    def _is_made(secret: SecretField, row: Credential) -> bool:
        """Return whether the portal generated this secret in the draft and has not bound it to an address yet."""
        return secret.can_be_made and bool(row.draft) and row.binding == Binding()

    def _binding(self, secret: SecretField, answers: Mapping[str, Any]) -> Binding:
        """Return the secret's binding with these answers; one without addresses while they are incomplete."""
        return secret.binding(answers, self.tenant.nexus_url) or Binding(client_id=secret.client_in(answers))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | list | dict) else str(value)
