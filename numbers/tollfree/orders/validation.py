"""Validation of order input: numbers, comment, e-mail address, reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from portal.ui.forms import NOT_ERASABLE, check_email
from portal.ui.labels import phone_words
from senders.phone_numbers import is_toll_free, parse

MOST_AT_ONCE = 50
LONGEST_EMAIL = 254
LONGEST_TEXT = 500
At = Callable[[str, ValidationError], None]


@dataclass(frozen=True)
class OrderInput:
    """Validated input of an order; `numbers` are in international format without +, without duplicates."""

    numbers: tuple[str, ...]
    comment: str
    email: str
    reason: str


def check(numbers: Sequence[str], comment: str, email: str, reason: str) -> OrderInput:
    """Return the input in its normal form. Raises ValidationError with the errors of all fields."""
    found: dict[str, Any] = {}

    def at(field: str, error: ValidationError) -> None:
        found.setdefault(field, []).append(error)

    wanted = OrderInput(
        _numbers(numbers, at),
        text("comment", comment, at),
        _email(email, at),
        text("reason", reason, at, needed="Say in a few words what the numbers are for."),
    )
    if found:
        raise ValidationError(found)
    return wanted


def text(field: str, entered: str, at: At, *, needed: str = "") -> str:
    """Return the stripped text; report a text that is missing, too long, or has control characters."""
    value = entered.strip()
    if needed and not value:
        at(field, ValidationError(needed))
    if len(value) > LONGEST_TEXT:
        at(field, ValidationError(f"At most {LONGEST_TEXT} characters; these are {len(value):,}."))
    if any(not each.isprintable() and each not in "\n\r\t" for each in value):
        at(field, ValidationError("Leave out control characters; one may have come along with copying."))
    return value


def number(entered: str) -> str:
    """Return a toll-free number in its normal form. Raises ValidationError."""
    digits = parse(entered).digits
    if not is_toll_free(digits):
        raise ValidationError(
            f"{phone_words(digits)} is not toll-free. Toll-free numbers begin with 800, 833, 844, 855, 866, 877 or 888."
        )
    return digits


def _numbers(entered: Sequence[str], at: At) -> tuple[str, ...]:
    if not entered:
        at("numbers", ValidationError("Pick at least one number."))
    if len(entered) > MOST_AT_ONCE:
        at("numbers", ValidationError(f"At most {MOST_AT_ONCE} numbers at once; these are {len(entered)}."))
        return ()
    checked: dict[str, None] = {}
    for each in entered:
        try:
            checked[number(each)] = None
        except ValidationError as error:
            at("numbers", error)
    return tuple(checked)


def _email(entered: str, at: At) -> str:
    address = entered.strip()
    try:
        if address:
            check_email(address)
    except ValidationError as error:
        otherwise = ValidationError("Enter one e-mail address, for example numbers@example.com, or none.")
        at("email", error if error.code == NOT_ERASABLE else otherwise)
    if len(address) > LONGEST_EMAIL:
        at("email", ValidationError(f"At most {LONGEST_EMAIL} characters; these are {len(address)}."))
    return address


def checked_text(field: str, entered: str, *, needed: str = "") -> str:
    """Return one text in its normal form. Raises ValidationError for its field."""

    def refuse(name: str, error: ValidationError) -> None:
        raise ValidationError({name: error})

    return text(field, entered, refuse, needed=needed)
