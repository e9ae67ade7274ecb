"""Forms for orders, reviews, releases, rates and policies. They only read input; the actions decide what is allowed."""

import uuid

from django import forms

from portal.ui.forms import AmountField, PortalFormMixin, WholeNumberField
from tollfree.orders.validation import LONGEST_TEXT

#: The action checks the real limit and reports the length; this one only stops absurd input.
_ABSURD = 50 * LONGEST_TEXT

#: The possible decisions about an order of unknown outcome.
DECISIONS = {"placed": "It was placed", "not_placed": "It was not placed"}


class OrderForm(PortalFormMixin, forms.Form):
    """The order of the picked numbers; `form_token` makes a double click the same order."""

    reason = forms.CharField(
        label="Reason",
        max_length=_ABSURD,
        error_messages={"required": "Say in a few words what the numbers are for."},
        help_text="What the numbers are for. Whoever approves reads it, and it stays in the history.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-example": "Hotline of the winter campaign"}),
    )
    comment = forms.CharField(
        label="Comment",
        max_length=_ABSURD,
        required=False,
        help_text="Kept with each number in Genesys Cloud; it can be changed later.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-example": "Hotline"}),
    )
    email = forms.CharField(
        label="E-mail address",
        max_length=_ABSURD,
        required=False,
        help_text="Whom Genesys writes to about these numbers.",
        widget=forms.EmailInput(attrs={"autocomplete": "off", "data-example": "numbers@example.com"}),
    )
    form_token = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "This form is not whole. Search again, and pick the numbers once more."
        ),
    )


class ReasonForm(PortalFormMixin, forms.Form):
    """The reason for declining an order or a release."""

    reason = forms.CharField(
        label="Why you decline it",
        max_length=_ABSURD,
        error_messages={"required": "Say why you decline it. Whoever asked reads it."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ReviewForm(PortalFormMixin, forms.Form):
    """A person's decision about an order of unknown outcome."""

    reason = forms.CharField(
        label="How do you know?",
        max_length=_ABSURD,
        error_messages={"required": "Say how you know: whom you asked, or what you saw."},
        help_text="Whom you asked, or what you saw. It stays with the order as evidence.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    decision = forms.ChoiceField(
        choices=list(DECISIONS.items()),
        widget=forms.HiddenInput,
        error_messages={"required": "Choose one of the two.", "invalid_choice": "Choose one of the two."},
    )


class UndoForm(PortalFormMixin, forms.Form):
    """The reason for undoing a decision about an order."""

    reason = forms.CharField(
        label="Why was the decision wrong?",
        max_length=_ABSURD,
        error_messages={"required": "Say why the decision was wrong."},
        help_text="It stays with the order as evidence.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReleaseReviewForm(PortalFormMixin, forms.Form):
    """A person's decision about a release of unknown outcome; each of the two decisions has its own form."""

    reason = forms.CharField(
        label="How do you know?",
        max_length=_ABSURD,
        error_messages={"required": "Say how you know: whom you asked, or what you saw."},
        help_text="Whom you asked, or what you saw. It stays in the history.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CommentForm(PortalFormMixin, forms.Form):
    """The comment on a number in Genesys Cloud."""

    comment = forms.CharField(
        label="Comment",
        required=False,
        max_length=_ABSURD,
        help_text="It is changed in Genesys Cloud first, then here.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)


class ReleaseForm(PortalFormMixin, forms.Form):
    """Confirmation of a release, by typing the number."""

    typed = forms.CharField(
        label="The number, typed once more",
        max_length=100,
        error_messages={"required": "Type the number once more. Nothing was released."},
        help_text="So that no other number is given back by mistake.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Reason",
        max_length=_ABSURD,
        error_messages={"required": "Say why the number is given back."},
        help_text="Why the number is not needed any more.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RateForm(PortalFormMixin, forms.Form):
    """A rate: what a number costs from a given day on."""

    valid_from = forms.DateField(
        label="From", help_text="The first day of this rate.", widget=forms.DateInput(attrs={"type": "date"})
    )
    monthly = AmountField(
        label="A month, for each number",
        help_text="At most two decimals.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-example": "2.00"}),
    )
    once = AmountField(
        label="Once, for each number",
        initial=0,
        help_text="What is paid when it is bought; 0 if nothing.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-example": "0.00"}),
    )
    currency = forms.CharField(
        label="Currency",
        max_length=10,
        help_text="Three letters.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-example": "USD"}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=200,
        help_text="Where the rate comes from.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class PolicyForm(PortalFormMixin, forms.Form):
    """A tenant's rules for orders; `version` is the version that the page showed."""

    approve_from = WholeNumberField(
        label="From how many numbers an order needs a second approval",
        help_text="1 means always. What one person orders within 24 hours counts together.",
        widget=forms.NumberInput(attrs={"autocomplete": "off"}),
    )
    monthly_cap = AmountField(
        label="What all numbers together may cost a month",
        required=False,
        help_text="Empty for no limit. Where a cost is unknown or in another currency, a second person must approve.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-example": "100.00"}),
    )
    monthly_cap_currency = forms.CharField(
        label="Currency of that limit",
        required=False,
        max_length=10,
        help_text="Three letters. Empty for the currency of today's rate.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "data-example": "USD"}),
    )
    approve_releases = forms.BooleanField(
        label="A second person approves releases",
        required=False,
        help_text="A number that was given back may be gone for good.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
