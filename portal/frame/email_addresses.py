"""E-mail address validation: Django's, and a check that the domain can receive mail."""

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator


def check_email(address: str) -> None:
    """Raise ValidationError unless mail can be sent to the address.

    Django's validator accepts characters in a domain that no domain name on the internet can have: sending would fail.
    """
    EmailValidator()(address)
    try:
        address.rpartition("@")[2].encode("idna")
    except UnicodeError:
        raise ValidationError(EmailValidator.message, code="invalid") from None
