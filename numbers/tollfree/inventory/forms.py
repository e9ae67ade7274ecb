"""Forms for the inventory: verification notes and explanations of orphans."""

from collections.abc import Iterable
from typing import Any, cast
from uuid import UUID

from django import forms

from portal.ui.forms import PortalFormMixin
from tollfree.inventory.actions import LONGEST_NOTE
from tollfree.inventory.models import Verification


class VerificationForm(PortalFormMixin, forms.Form):
    """A note on the verification; the submit button sets the state."""

    note = forms.CharField(
        label="Note",
        required=False,
        # The action checks the real limit and reports the length; this one only stops absurd input.
        max_length=10 * LONGEST_NOTE,
        help_text="What was sent, asked or answered. Everybody of the tenant can read it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    state = forms.TypedChoiceField(
        choices=Verification.choices, coerce=Verification, error_messages={"invalid_choice": "There is no such state."}
    )
    seen = forms.CharField(required=False)


class ExplainForm(PortalFormMixin, forms.Form):
    """An explanation of orphans: why only one side knows these numbers."""

    explanation = forms.CharField(
        label="What is behind it",
        max_length=10 * LONGEST_NOTE,
        help_text="For example: bought by hand before the portal, or given back by Genesys.",
        error_messages={"required": "Say in words what is behind it."},
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owned = forms.MultipleChoiceField(
        label="Numbers",
        error_messages={
            "required": "Pick the numbers that this explains.",
            "invalid_choice": "One of these numbers is explained already. Pick again.",
        },
    )

    def __init__(self, data: Any = None, *, ids: Iterable[UUID] = ()) -> None:
        super().__init__(data)
        cast("forms.MultipleChoiceField", self.fields["owned"]).choices = [(str(pk), str(pk)) for pk in ids]
