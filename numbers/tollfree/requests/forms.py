"""Forms for requests to the representative: send, answer, reply."""

from django import forms

from portal.ui.forms import PortalFormMixin
from senders.phone_numbers import LONGEST_TYPED
from tollfree.requests.actions import LONGEST_TEXT
from tollfree.requests.models import ANSWERS, RequestKind, RequestState


class AskForm(PortalFormMixin, forms.Form):
    """An administrator's request."""

    kind = forms.TypedChoiceField(label="What is needed", choices=RequestKind.choices, coerce=RequestKind)
    number = forms.CharField(
        label="Number",
        required=False,
        max_length=LONGEST_TYPED,
        help_text="For an existing number or text-enabling: the number that this is about. For a new toll-free number: "
        "the one you wish for, if there is one.",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off", "data-example": "+1 844 555 1212"}),
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=LONGEST_TEXT,
        help_text="What the representative should know. Write no password here: everybody of the tenant can read it.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class AnswerForm(PortalFormMixin, forms.Form):
    """The representative's answer."""

    state = forms.TypedChoiceField(
        label="Outcome",
        choices=[
            (each.value, label)
            for each, label in zip(ANSWERS, ("Done", "Answered: something is still needed", "Declined"), strict=True)
        ],
        coerce=RequestState,
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label="Answer",
        required=False,
        max_length=LONGEST_TEXT,
        help_text="Needed unless the request is done. It is kept with the request. Write no password here: everybody "
        "of the tenant can read it.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class ReplyForm(PortalFormMixin, forms.Form):
    """An administrator's reply to the representative's question."""

    reply = forms.CharField(
        label="Reply",
        max_length=LONGEST_TEXT,
        error_messages={"required": "Write what the representative asked for."},
        help_text="It goes to the representative's inbox. Write no password here: everybody of the tenant can read it.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
