"""Checking an e-mail address: one that Django takes, and that can also be written to."""

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator


def check_email(address: str) -> None:
    """Raise ValidationError unless mail can be sent to the address.

    Django's check lets characters pass in a domain that no name on the internet may have: the mail would fail.
    """
    EmailValidator()(address)
    try:
        address.rpartition("@")[2].encode("idna")
    except UnicodeError:
        raise ValidationError(EmailValidator.message, code="invalid") from None
