from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from portal.ui.forms import AmountField, WholeNumberField
from tollfree.orders.forms import PolicyForm, RateForm
from tollfree.search.forms import SearchForm


@pytest.mark.parametrize(("typed", "number"), [("10", 10), (" 10 ", 10), ("-3", -3), ("007", 7)])
def test_a_whole_number_is_the_digits_that_were_typed(typed: str, number: int) -> None:
    assert WholeNumberField().clean(typed) == number


@pytest.mark.parametrize("typed", ["1_0", "1e1", "10.0", "1,0", "\uff11\uff10", "\u0661\u0660", "+10", "ten", "1 0"])
def test_what_python_would_turn_into_one_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="Enter a whole number"):
        WholeNumberField().clean(typed)


@pytest.mark.parametrize(("typed", "amount"), [("2.00", "2.00"), ("100", "100"), ("-1.5", "-1.5")])
def test_an_amount_is_the_digits_that_were_typed(typed: str, amount: str) -> None:
    assert AmountField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["1_000", "1e3", "1,000.00", "1.000,00", "2.", ".5", "\uff12", "NaN", "$2"])
def test_what_would_be_another_amount_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError, match="Enter a number"):
        AmountField().clean(typed)


def test_orders_rules_rates_and_searches_have_such_fields() -> None:
    fields = PolicyForm.base_fields | RateForm.base_fields | SearchForm.base_fields
    assert isinstance(fields["approve_from"], WholeNumberField)
    assert isinstance(fields["count"], WholeNumberField)
    for name in ("monthly", "once", "monthly_cap"):
        assert isinstance(fields[name], AmountField)


def test_a_search_for_1_0_numbers_is_refused() -> None:
    assert "Enter a whole number from 1 to 100." in SearchForm({"count": "1_0"}).errors["count"]
