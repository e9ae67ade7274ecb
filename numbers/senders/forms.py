"""Forms for sender IDs: one sender ID, a copied options block, a CSV import."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from portal.ui.forms import PortalFormMixin
from senders import csv_import
from senders.actions import SenderFacts
from senders.models import SenderId
from senders.phone_numbers import LONGEST_TYPED

PROVIDERS = ("Portico", "Async", "mGage")


class SenderForm(PortalFormMixin, forms.Form):
    """One sender ID; `SenderFacts` validates the values."""

    number = forms.CharField(
        max_length=LONGEST_TYPED,
        help_text="A short code, a long code or a toll-free number. Ten digits get the leading 1.",
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
        help_text="If they do, cxcOnly must stay false, or they see no message.",
    )
    cxc_only = forms.BooleanField(
        label="For CX Contact campaigns only",
        required=False,
        help_text="Incoming messages then go to CX Contact and to no agent.",
        widget=forms.CheckboxInput(attrs={"data-variable": "cxcOnly"}),
    )

    def facts(self) -> SenderFacts:
        """Return the entered fields."""
        return SenderFacts(**self.cleaned_data)

    def differing(self, sender: SenderId) -> list[tuple[str, str, str]]:
        """Return label, stored value and entered value of each field that differs from the stored sender ID."""
        if not self.is_bound:
            return []
        kept, typed = self.initial_of(sender), self.cleaned_data
        return [
            (str(self[name].label), _word(value), _word(typed[name]))
            for name, value in kept.items()
            if name in typed and typed[name] != value
        ]

    @classmethod
    def initial_of(cls, sender: SenderId) -> dict[str, Any]:
        """Return the form's initial data for a sender ID."""
        return {name: getattr(sender, name) for name in cls.base_fields}


def _word(value: object) -> str:
    return str(value) if not isinstance(value, bool) else "yes" if value else "no"


class BlockForm(PortalFormMixin, forms.Form):
    """A section copied from Platform Administration."""

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
        help_text="Columns: number, section, endpoint, cxcOnly, divided by commas, semicolons or tabs. "
        "The number alone makes a draft; cxcOnly is true or false, and false if it is left out.",
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "spellcheck": "false",
                "data-example": "16504661149, SMS_Main_Corporate, MainRouting, false",
            }
        ),
    )
    file = forms.FileField(
        label="Or a CSV file",
        required=False,
        help_text="The same columns, as UTF-8: in Excel, save it as CSV UTF-8.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean_file(self) -> Any:
        """Return the file's text, or an empty string; a file that is too large is not read."""
        upload = self.cleaned_data["file"]
        if not upload:
            return ""
        if upload.size > csv_import.LONGEST_TEXT:
            raise ValidationError(f"A file of more than {csv_import.LONGEST_TEXT:,} bytes is not taken.")
        try:
            return upload.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValidationError("This is no UTF-8 text. Save it as CSV UTF-8, then choose it again.") from error

    def clean(self) -> dict[str, Any]:
        """Use the file's text if there is a file; a file together with different pasted rows is an error."""
        cleaned: dict[str, Any] = super().clean() or {}
        file, typed = cleaned.get("file") or "", cleaned.get("rows", "")
        if file and typed.strip() and file.split() != typed.split():
            self.add_error("file", "Rows and a file were given, and only one of them is taken. Empty one of the two.")
        cleaned["rows"] = file or typed
        if not self.errors and not cleaned["rows"].strip():
            self.add_error("rows", "Paste at least one line, or choose a file.")
        return cleaned
