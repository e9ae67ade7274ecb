"""Number fields for forms that accept only the usual notation.

Python accepts more: `1_000`, `1e3` and digits of other scripts would become numbers that nobody meant.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_WHOLE = re.compile(r"-?[0-9]+")
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class WholeNumberField(forms.IntegerField):
    """An integer, written in digits."""

    def to_python(self, value: Any) -> int | None:
        """Return the integer; raises ValidationError."""
        _demand(_WHOLE, value, self.error_messages["invalid"])
        return super().to_python(value)


class AmountField(forms.DecimalField):
    """A decimal amount, written in digits with a point."""

    def to_python(self, value: Any) -> Any:
        """Return the amount; raises ValidationError."""
        _demand(_AMOUNT, value, self.error_messages["invalid"])
        return super().to_python(value)


def _demand(pattern: re.Pattern[str], value: Any, otherwise: Any) -> None:
    if isinstance(value, str) and value.strip() and not pattern.fullmatch(value.strip()):
        raise ValidationError(otherwise, code="invalid")
