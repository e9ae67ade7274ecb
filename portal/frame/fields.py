"""Form fields of numbers that take only what reads as one number to everybody.

Python takes more: `1_000`, `1e3` and digits of other scripts become numbers that nobody typed.
"""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

_WHOLE = re.compile(r"-?[0-9]+")
_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


class WholeNumberField(forms.IntegerField):
    """A whole number, written in digits."""

    def to_python(self, value: Any) -> int | None:
        """Return the number; raises ValidationError."""
        _demand(_WHOLE, value, self.error_messages["invalid"])
        return super().to_python(value)


class AmountField(forms.DecimalField):
    """An amount, written in digits with a point."""

    def to_python(self, value: Any) -> Any:
        """Return the amount; raises ValidationError."""
        _demand(_AMOUNT, value, self.error_messages["invalid"])
        return super().to_python(value)


def _demand(pattern: re.Pattern[str], value: Any, otherwise: Any) -> None:
    if isinstance(value, str) and value.strip() and not pattern.fullmatch(value.strip()):
        raise ValidationError(otherwise, code="invalid")
