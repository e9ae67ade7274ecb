"""E-mail address validation: Django's, and checks that the portal can send to the address and erase it."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

#: Code of the error about an address that could not be erased from the history.
NOT_ERASABLE = "not_erasable"
#: In other forms, `portal.audit.personal` could not tell the address from the text around it, such as that of a URL.
_LOCAL_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!#$'*^`~-]*")
_ODD_LOCAL_PART = (
    "Before the @, use letters, digits and . _ - + ' ! # $ * ^ ` ~ only, and begin with a letter or digit. An address "
    "of another form could not be erased from the history."
)


def check_email(address: str) -> None:
    """Raise ValidationError unless mail can be sent to the address, and the audit trail can erase it.

    Django's validator accepts characters in a domain that no domain name on the internet can have: sending would fail.
    """
    EmailValidator()(address)
    local_part, _, domain = address.rpartition("@")
    if not _LOCAL_PART.fullmatch(local_part):
        raise ValidationError(_ODD_LOCAL_PART, code=NOT_ERASABLE)
    try:
        domain.encode("idna")
    except UnicodeError:
        raise ValidationError(EmailValidator.message, code="invalid") from None
