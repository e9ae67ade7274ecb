import pytest
from django.core.exceptions import ValidationError

from tests.tollfree.orders.buying import NUMBER
from tollfree.orders import validation


def address(length: int) -> str:
    """An e-mail address that Django's validator takes at any length."""
    ending = ".com"
    labels = ".".join(["a" * 60] * 5)[: length - 65 - len(ending)].rstrip(".")
    return f"{'b' * (length - 1 - len(labels) - len(ending))}@{labels}{ending}"


@pytest.mark.parametrize("length", [255, 300])
def test_an_e_mail_address_that_no_column_holds_is_refused_at_its_field(length: int) -> None:
    with pytest.raises(ValidationError) as refused:
        validation.check([NUMBER], "", address(length), "Support line")
    assert list(refused.value.message_dict) == ["email"]


def test_the_longest_e_mail_address_is_taken() -> None:
    assert len(validation.check([NUMBER], "", address(254), "Support line").email) == 254


def test_an_e_mail_address_that_the_history_could_not_erase_is_refused_at_its_field() -> None:
    with pytest.raises(ValidationError) as refused:
        validation.check([NUMBER], "", "sales/emea@example.com", "Support line")
    assert "could not be erased" in refused.value.message_dict["email"][0]
