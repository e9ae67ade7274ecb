import pytest
from django.core.exceptions import ValidationError

from senders.phone_numbers import parse


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("12345", "12345"),
        ("123456", "123456"),
        ("6504661140", "6504661140"),
        ("16504661140", "16504661140"),
        ("+1 (650) 466-1140", "16504661140"),
        (" 650.466.1140 ", "6504661140"),
    ],
)
def test_its_digits_are_kept_without_a_warning(typed: str, digits: str) -> None:
    number = parse(typed)
    assert (number.digits, number.warning) == (digits, "")


def test_the_guides_ten_digit_example_is_taken_with_a_warning() -> None:
    number = parse("1650466114")
    assert number.digits == "1650466114"
    assert "is one missing?" in number.warning


@pytest.mark.parametrize(
    "typed", ["", "1234", "1234567", "165046611", "165046611400", "26504661140", "1050466114a", "६५०४६६११४०", "+"]
)
def test_anything_else_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValidationError, match=r"Enter a short code \(5 or 6 digits\) or a long code"):
        parse(typed)
