"""What all forms of the wizards share. The inputs' names are the guide's variables."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms

from portal.audit.actors import Actor
from portal.frame.forms import PortalFormMixin
from portal.tenants.models import Tenant
from portal.vault.actions import bind_made, holds, store_credential
from portal.vault.binding import Binding, refusal
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from portal.vault.lookup import choose, stored_for
from portal.vault.models import Credential


def facts_of(tenant: Tenant) -> dict[str, str]:
    """Return what the tenant's own row answers: it is the truth, whatever a draft remembers."""
    return {"ccid": str(tenant.ccid), "nexusURL": tenant.nexus_url}


class StepForm(PortalFormMixin, forms.Form):
    """The form of one wizard step of one tenant.

    Answers that are not secret go to the draft, secrets to the vault. Each field shows its name, which is the guide's
    variable, and what `examples` has for it.
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
        """Take the saved answers of all steps and the draft's id: they tell where secrets go, and where they wait."""
        super().__init__(**kwargs)
        self.tenant, self.draft = tenant, draft
        self.saved = facts_of(tenant) | dict(saved or {})
        # Who checks a thousand tenants at once knows what is stored, and asks once for all of them.
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
        """Ask anew for a secret whose address or client is another one now: the stored one does not follow it there."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name, secret in self.secret_fields().items():
            if name in cleaned and not cleaned[name] and (sentence := self._why_again(secret, self.saved | cleaned)):
                self.add_error(name, sentence)
        return cleaned

    def answers(self) -> dict[str, Any]:
        """Return what the draft keeps: every answer that is not secret, as JSON values."""
        secret = self.secret_fields()
        return {name: _plain(value) for name, value in self.cleaned_data.items() if name not in secret}

    def holds(self) -> bool:
        """Say whether the vault holds the secrets already, just as they were typed."""
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
        """Put the secrets into the vault; an empty one keeps what is stored."""
        for name, secret in self.secret_fields().items():
            binding = self._binding(secret, self.saved | self.cleaned_data)
            if value := self.cleaned_data[name]:
                # What is sent nowhere waits for no start: it is handed over by hand.
                draft = self.draft if secret.used_at else ""
                store_credential(actor, self.tenant.pk, secret.kind, value, binding=binding, draft=draft)
            else:
                row = choose(self.known, secret.kind, binding, draft=self.draft)
                if row is not None and self._is_made(secret, row):
                    bind_made(actor, row, binding)

    def _remember(self, secret: SecretField) -> None:
        """Let an empty input keep what is stored, or say why it is asked for anew."""
        row = choose(self.known, secret.kind, self._binding(secret, self.saved), draft=self.draft)
        if row is None:
            return
        if sentence := self._why_again(secret, self.saved):
            secret.ask_again(sentence)
        else:
            secret.remember(row)

    def _why_again(self, secret: SecretField, answers: Mapping[str, Any]) -> str:
        """Return why the stored secret does not do for these answers, or nothing."""
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
        """Say whether the portal made it in this draft, and it was tied to no address yet."""
        return secret.can_be_made and bool(row.draft) and row.binding == Binding()

    def _binding(self, secret: SecretField, answers: Mapping[str, Any]) -> Binding:
        """Return where a secret goes by these answers; nowhere, while they do not say it."""
        return secret.binding(answers, self.tenant.nexus_url) or Binding(client_id=secret.client_in(answers))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | list | dict) else str(value)
