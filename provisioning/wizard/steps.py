"""Wizard steps: the step class, and the first and last step that the options share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from portal.audit.actors import Actor
from portal.tenants.actions import edit_tenant
from portal.tenants.addresses import normal_base_url
from portal.tenants.forms import warnings_about
from portal.tenants.models import Tenant
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.wizard.forms import StepForm, facts_of
from senders.phone_numbers import LONGEST_TYPED, parse


def no_warnings(answers: Mapping[str, Any]) -> list[str]:  # noqa: ARG001 - the signature of all warning functions
    """Return no warnings."""
    return []


@dataclass(frozen=True)
class WizardStep:
    """One page of a wizard. `key` is in its URL and in the draft.

    `warnings` returns what looks unusual about saved answers; they are accepted anyway. `template` may extend the
    standard page.
    """

    key: str
    title: str
    form: type[StepForm]
    warnings: Callable[[Mapping[str, Any]], list[str]] = no_warnings
    template: str = "provisioning/step.html"


class PrerequisitesForm(StepForm):
    """The tenant's facts that every request needs (guide, prerequisites of each option)."""

    ccid = forms.UUIDField(
        label="Contact centre id",
        help_text="It comes from your GWS (Genesys Web Services and Applications) deployment.",
        error_messages={"invalid": "Enter the whole id: 8-4-4-4-12 characters, digits and a to f."},
    )
    nexusURL = forms.CharField(  # noqa: N815 - the guide's variable
        label="Digital Channels URL",
        max_length=300,
        help_text="The public URL of the Digital Channels API; the guide also calls it $baseURL.",
    )
    apiKey = SecretField(  # noqa: N815 - the guide's variable
        Kind.NEXUS_API_KEY,
        used_at=("nexusURL",),
        label="Digital Channels API key",
        help_text="Sent as x-api-key with every request.",
    )
    examples: ClassVar = {
        "ccid": "45acae06-6b7c-4f97-9c76-471cb5c21bf7",
        "nexusURL": "https://digital.example.com",
        "apiKey": "9b7682b7-cbce-422f-9bbb-ecda85e61695",
    }

    def __init__(self, tenant: Tenant, **kwargs: Any) -> None:
        kwargs["initial"] = facts_of(tenant) | dict(kwargs.get("initial") or {})
        super().__init__(tenant, **kwargs)

    def clean_nexusURL(self) -> str:  # noqa: N802 - Django derives the name from the field
        """Return the normalised URL."""
        return normal_base_url(self.cleaned_data["nexusURL"])

    def clean(self) -> dict[str, Any]:
        """Reject a contact centre id that another tenant already uses at this URL."""
        cleaned = super().clean()
        ccid, url = cleaned.get("ccid"), cleaned.get("nexusURL")
        if ccid and url and Tenant.objects.filter(ccid=ccid, nexus_url=url).exclude(pk=self.tenant.pk).exists():
            self.add_error("ccid", Tenant.TAKEN)
        return cleaned

    def store(self, actor: Actor) -> None:
        """Save the facts in the tenant's row, which all set-ups read, and the API key in the vault."""
        facts = {"ccid": self.cleaned_data["ccid"], "nexus_url": self.cleaned_data["nexusURL"]}
        edit_tenant(actor, self.tenant, nexus_api_key=self.cleaned_data["apiKey"] or None, **facts)


class SenderForm(StepForm):
    """The number that customers write to and that messages come from."""

    tfn = forms.CharField(
        label="Company's sender ID",
        max_length=LONGEST_TYPED,
        help_text="A short code (5 digits, 6 are in use too) or a long code (11 digits with the leading 1; "
        "ten digits get it).",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    examples: ClassVar = {"tfn": "1650466114"}

    def clean_tfn(self) -> str:
        """Return the number's digits."""
        return parse(self.cleaned_data["tfn"]).digits


def _number_warnings(answers: Mapping[str, Any]) -> list[str]:
    warning = parse(answers["tfn"]).warning
    return [warning] if warning else []


def _url_warnings(answers: Mapping[str, Any]) -> list[str]:
    return warnings_about(answers["nexusURL"])


PREREQUISITES = WizardStep("prerequisites", "Prerequisites", PrerequisitesForm, _url_warnings)
SENDER_ID = WizardStep("sender", "Sender ID", SenderForm, _number_warnings)
