"""Form for adding and editing a tenant."""

from typing import Any

from django import forms

from portal.http_client.resolver import name_warnings
from portal.tenants.addresses import host_of, normal_base_url
from portal.tenants.models import Tenant
from portal.ui.forms import PortalFormMixin
from portal.vault.binding import Binding, refusal
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from portal.vault.models import Credential


class TenantForm(PortalFormMixin, forms.Form):
    """Name, contact centre id, Digital Channels URL and API key; the key is write-only."""

    name = forms.CharField(
        max_length=120,
        help_text="How people here call this contact centre.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-example": "Acme"}),
    )
    ccid = forms.UUIDField(
        label="Contact centre id",
        help_text="It comes from your GWS (Genesys Web Services and Applications) deployment.",
        error_messages={"invalid": "Enter the whole id: 8-4-4-4-12 characters, digits and a to f."},
        widget=forms.TextInput(
            attrs={"data-variable": "$ccid", "data-example": "45acae06-6b7c-4f97-9c76-471cb5c21bf7"}
        ),
    )
    nexus_url = forms.CharField(
        label="Digital Channels URL",
        max_length=300,
        help_text="The public URL of the Digital Channels API; the guide calls it $nexusURL and $baseURL.",
        widget=forms.TextInput(
            attrs={
                "inputmode": "url",
                "data-variable": "$nexusURL",
                "data-example": "https://digital.example.com",
            }
        ),
    )
    nexus_api_key = SecretField(
        Kind.NEXUS_API_KEY,
        label="Digital Channels API key",
        required=False,
        help_text="Sent as x-api-key with every request. You can also enter it later.",
        variable="$apiKey",
    )

    def __init__(self, *args: Any, tenant: Tenant | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored = Credential.objects.filter(tenant=tenant, kind=Kind.NEXUS_API_KEY).first() if tenant else None
        if self.stored:
            self.secret_field.remember(self.stored)

    @property
    def secret_field(self) -> SecretField:
        """Return the field of the API key."""
        field = self.fields["nexus_api_key"]
        assert isinstance(field, SecretField)  # noqa: S101 - narrows the type for mypy
        return field

    def clean_nexus_url(self) -> str:
        """Return the normalised URL."""
        return normal_base_url(self.cleaned_data["nexus_url"])

    def clean(self) -> dict[str, Any]:
        """Require the API key again if the URL changes to another scheme, host or port."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        url, key = cleaned.get("nexus_url"), cleaned.get("nexus_api_key")
        if self.stored and url and not key and (missing := self.stored.binding.lacks(Binding.to(url))):
            self.add_error("nexus_api_key", refusal([self.stored.label], self.stored.binding.places, missing))
        return cleaned


def warnings_about(nexus_url: str) -> list[str]:
    """Return warnings about a URL that is valid but unusual."""
    found = []
    if nexus_url.startswith("http://"):
        found.append("The URL is http: the API key travels unencrypted. Private editions do this inside their network.")
    return found + name_warnings([host_of(nexus_url)])
