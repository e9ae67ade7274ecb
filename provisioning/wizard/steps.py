"""Wizard steps: the step class, and the first and last step that the options share."""

from collections.abc import Collection, Mapping
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


class WizardStep:
    """One page of a wizard; subclass it.

    `key` is in its URL and in the draft; `template` may extend the standard page.
    """

    key: str
    title: str
    form: type[StepForm]
    template = "provisioning/step.html"

    def warnings(self, answers: Mapping[str, Any]) -> list[str]:  # noqa: ARG002 - for subclasses
        """Return what looks unusual about saved answers; they are accepted anyway."""
        return []

    def context(self, form: StepForm) -> dict[str, Any]:  # noqa: ARG002 - for subclasses
        """Return what the template needs besides the standard page's context."""
        return {}

    def is_complete(self, saved: Mapping[str, Any], asked_again: Collection[Kind] = ()) -> bool:
        """Return whether the draft (its answers by step) has this step's, and none of its secrets is asked again.

        A subclass may demand more, not less: the review shows the answers of every step.
        """
        return self.key in saved and not any(each.kind in asked_again for each in self.secret_fields().values())

    def secret_fields(self) -> dict[str, SecretField]:
        """Return the fields of its form whose values go to the vault, by variable."""
        return {name: each for name, each in self.form.base_fields.items() if isinstance(each, SecretField)}


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


class PrerequisitesStep(WizardStep):
    """The first step of every option."""

    key = "prerequisites"
    title = "Prerequisites"
    form = PrerequisitesForm

    def warnings(self, answers: Mapping[str, Any]) -> list[str]:
        """Return what is unusual about the Digital Channels URL."""
        return warnings_about(answers["nexusURL"])


class SenderStep(WizardStep):
    """The last step of an option with one number."""

    key = "sender"
    title = "Sender ID"
    form = SenderForm

    def warnings(self, answers: Mapping[str, Any]) -> list[str]:
        """Return what is unusual about the number, if there is one."""
        warning = parse(answers["tfn"]).warning if answers["tfn"] else ""
        return [warning] if warning else []
