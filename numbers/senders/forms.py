"""Forms of sender IDs."""

from typing import Any

from django import forms

from portal.frame.forms import PortalFormMixin
from senders.actions import SenderFacts
from senders.models import SenderId

PROVIDERS = ("Portico", "Async", "mGage")


class SenderForm(PortalFormMixin, forms.Form):
    """One sender ID; the checks of its values are those of `SenderFacts`."""

    number = forms.CharField(
        max_length=30,
        help_text="A short code, a long code or a toll-free number.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "data-variable": "channelId", "data-example": "16504661149"}),
    )
    section = forms.CharField(
        required=False,
        max_length=80,
        help_text="What the number is for: letters, underscores and dashes. The section becomes chat.NAME.",
        widget=forms.TextInput(attrs={"data-variable": "chat.NAME", "data-example": "SMS_Main_Corporate"}),
    )
    endpoint = forms.CharField(
        label="Designer endpoint",
        required=False,
        max_length=120,
        help_text="The chat endpoint of the Designer application that routes these messages.",
        widget=forms.TextInput(attrs={"data-variable": "$designerEndpointName", "data-example": "MainRouting"}),
    )
    provider = forms.ChoiceField(
        choices=[(name, name) for name in PROVIDERS],
        help_text="Filled from the option that this tenant is set up with.",
        widget=forms.Select(attrs={"data-variable": "$nexusProvider"}),
    )
    agents_answer = forms.BooleanField(
        label="Agents or Designer answer messages to this number",
        required=False,
        help_text="If they do, cxcOnly must stay false.",
    )
    cxc_only = forms.BooleanField(
        label="For CX Contact campaigns only",
        required=False,
        help_text="Incoming messages then go to CX Contact and to no agent.",
        widget=forms.CheckboxInput(attrs={"data-variable": "cxcOnly"}),
    )

    def facts(self) -> SenderFacts:
        """Return what was entered."""
        return SenderFacts(**self.cleaned_data)

    @classmethod
    def initial_of(cls, sender: SenderId) -> dict[str, Any]:
        """Return a sender ID as the form shows it."""
        return {name: getattr(sender, name) for name in cls.base_fields}


class BlockForm(PortalFormMixin, forms.Form):
    """A section copied back from Platform Administration."""

    block = forms.CharField(
        label="The section as it stands there",
        help_text="Copy all options of the section, with or without its [chat.NAME] line.",
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
    )


class BulkForm(PortalFormMixin, forms.Form):
    """Several sender IDs, pasted or as a file."""

    rows = forms.CharField(
        label="One sender ID on each line",
        required=False,
        help_text="Columns: number, section, endpoint, cxcOnly. Commas, semicolons or tabs divide them.",
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "spellcheck": "false",
                "data-example": "16504661149, SMS_Main_Corporate, MainRouting, false",
            }
        ),
    )
    file = forms.FileField(label="Or a CSV file", required=False, help_text="UTF-8, the same columns.")

    def clean(self) -> dict[str, Any]:
        """Take the file's text where there is one."""
        cleaned: dict[str, Any] = super().clean() or {}
        if upload := cleaned.get("file"):
            try:
                cleaned["rows"] = upload.read(MOST_BYTES + 1).decode("utf-8")
            except UnicodeDecodeError:
                self.add_error("file", "This is not UTF-8 text. Save it as CSV (UTF-8).")
        if not self.errors and not cleaned.get("rows"):
            self.add_error("rows", "Paste at least one line, or choose a file.")
        return cleaned


#: More text than any list of sender IDs; what lies beyond is not read.
MOST_BYTES = 200_000
