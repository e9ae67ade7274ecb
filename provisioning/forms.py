"""What all forms of the wizards share. The inputs' names are the guide's variables."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms

from portal.audit.actors import Actor
from portal.frame.forms import PortalFormMixin
from portal.tenants.models import Tenant
from portal.vault.actions import holds, store_credential
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from portal.vault.models import Credential


class StepForm(PortalFormMixin, forms.Form):
    """The form of one wizard step of one tenant.

    Answers that are not secret go to the draft, secrets to the vault. Each field shows its name, which is the guide's
    variable, and what `examples` has for it.
    """

    tenant: Tenant
    examples: ClassVar[Mapping[str, str]] = {}

    def __init__(self, tenant: Tenant, *, stored: Iterable[Credential] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.tenant = tenant
        # Who checks a thousand tenants at once knows what is stored, and asks once for all of them.
        rows = Credential.objects.filter(tenant=tenant, kind__in=self._kinds()) if stored is None else stored
        known = {row.kind: row for row in rows}
        for secret in self.secret_fields().values():
            if secret.kind in known:
                secret.remember(known[secret.kind])
        for name, field in self.fields.items():
            field.widget.attrs["data-variable"] = f"${name}"
            field.widget.attrs["data-example"] = self.examples.get(name, "")

    @classmethod
    def _kinds(cls) -> list[Kind]:
        return [field.kind for field in cls.base_fields.values() if isinstance(field, SecretField)]

    def secret_fields(self) -> dict[str, SecretField]:
        """Return the fields whose values go to the vault, by name."""
        return {name: field for name, field in self.fields.items() if isinstance(field, SecretField)}

    def answers(self) -> dict[str, Any]:
        """Return what the draft keeps: every answer that is not secret, as JSON values."""
        secret = self.secret_fields()
        return {name: _plain(value) for name, value in self.cleaned_data.items() if name not in secret}

    def holds(self) -> bool:
        """Say whether the vault holds the secrets already, just as they were typed."""
        rows = {row.kind: row for row in Credential.objects.filter(tenant=self.tenant, kind__in=self._kinds())}
        typed = {field.kind: self.cleaned_data[name] for name, field in self.secret_fields().items()}
        return all(kind in rows and holds(rows[kind], value) for kind, value in typed.items() if value)

    def store(self, actor: Actor) -> None:
        """Put the secrets into the vault; an empty one keeps what is stored."""
        # All of them locked before the first is stored: that locks the history, and who has it must wait for no secret.
        locked = Credential.objects.filter(tenant=self.tenant, kind__in=self._kinds()).order_by("pk")
        list(locked.select_for_update(no_key=True))
        for name, field in self.secret_fields().items():
            if value := self.cleaned_data[name]:
                store_credential(actor, self.tenant.pk, field.kind, value)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | list | dict) else str(value)
