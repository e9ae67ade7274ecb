"""Search form for available numbers. It uses GET, because a search changes nothing and can be repeated."""

import json
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from genesys_cloud.client import FEWEST_RESULTS, LONGEST_VANITY, MOST_RESULTS, SHORTEST_VANITY
from portal.ui.forms import PortalFormMixin, WholeNumberField
from senders.phone_numbers import is_toll_free, with_country_code
from tollfree.search.keypad import KEYPAD

#: The most numbers that one order may contain.
MOST_PICKED = 50
#: More picked numbers are kept, so that the user can choose; the limit is what fits into a URL.
_MOST_KEPT = 150
_USUAL_COUNT = 10
_COUNT = f"Enter a whole number from {FEWEST_RESULTS} to {MOST_RESULTS}."
_VANITY = re.compile(rf"[A-Za-z0-9]{{{SHORTEST_VANITY},{LONGEST_VANITY}}}")


class SearchForm(PortalFormMixin, forms.Form):
    """How many numbers, and what they should spell."""

    count = WholeNumberField(
        label="How many",
        min_value=FEWEST_RESULTS,
        max_value=MOST_RESULTS,
        initial=_USUAL_COUNT,
        error_messages=dict.fromkeys(("invalid", "required", "min_value", "max_value"), _COUNT),
        help_text=f"From {FEWEST_RESULTS} to {MOST_RESULTS}.",
        widget=forms.NumberInput(attrs={"autocomplete": "off"}),
    )
    vanity = forms.CharField(
        label="Letters or digits",
        required=False,
        max_length=100,
        help_text=f"{SHORTEST_VANITY} to {LONGEST_VANITY} of them, which the number shall end with.",
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "data-example": "CALLME",
                "data-keypad": json.dumps(KEYPAD),
            }
        ),
    )

    def clean_vanity(self) -> str:
        """Accept 4 to 7 letters or digits, or nothing."""
        text = str(self.cleaned_data["vanity"])
        if text and not _VANITY.fullmatch(text):
            raise ValidationError(
                f"Enter {SHORTEST_VANITY} to {LONGEST_VANITY} letters or digits with nothing between them, or leave it "
                f"empty. This is {len(text)} long."
            )
        return text.upper()


def picked_in(query: Any) -> list[str]:
    """Return the toll-free numbers picked so far, without duplicates; other values are dropped."""
    numbers = dict.fromkeys(with_country_code(each) for each in query.getlist("number"))
    return [number for number in numbers if is_toll_free(number)][:_MOST_KEPT]
