import pytest
from django.core.exceptions import ValidationError

from tollfree.orders.wanted import number


@pytest.mark.parametrize("typed", ["8445551212", "18445551212", "+1 (844) 555-1212", "1-844-555-1212"])
def test_a_toll_free_number_is_ordered_and_given_back_in_one_form(typed: str) -> None:
    assert number(typed) == "18445551212"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("18445551212.0", "a spreadsheet changed it"),
        ("1.8445551212E10", "a spreadsheet changed it"),
        ("+84 4555 1212", r"only numbers of North America \(\+1\) are taken"),
        ("8445 551212", "are taken in long codes only"),
        ("18445551212 18445551213", "More than one number stands here"),
        ("6504661149", "is not toll-free"),
        ("84455", "is not toll-free"),
    ],
)
def test_anything_else_buys_and_releases_nothing(typed: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        number(typed)
