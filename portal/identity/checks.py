"""System checks of sign-in: allauth settings that would weaken it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

_ADAPTER = "portal.identity.second_factors.SecondFactorAdapter"


def second_factors_are_safe(**_: Any) -> list[CheckMessage]:
    """Return an error for each setting that allows bypassing the second factor or storing its seeds unencrypted."""
    asked = (
        (
            "portal.people.E001",
            bool(getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None)),
            "MFA_TOTP_INSECURE_BYPASS_CODE is set: with it, everybody passes the second factor.",
            "Remove it.",
        ),
        (
            "portal.people.E002",
            settings.MFA_TOTP_TOLERANCE != 0,
            "MFA_TOTP_TOLERANCE is not 0: a used code is forgotten before it ends, and could be used again.",
            "Set it to 0, and keep the clock of this machine right.",
        ),
        (
            "portal.people.E003",
            settings.MFA_ADAPTER != _ADAPTER,
            "MFA_ADAPTER is another one: seeds of second factors would be stored in clear.",
            f"Set it to {_ADAPTER}.",
        ),
        (
            "portal.people.E004",
            settings.MFA_WEBAUTHN_USER_VERIFICATION != "required",
            "MFA_WEBAUTHN_USER_VERIFICATION is not 'required': whoever finds a passkey could use it.",
            "Set it to 'required'.",
        ),
        (
            "portal.people.E005",
            bool(getattr(settings, "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN", False)),
            "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN is set: passkeys would answer to other sites too.",
            "Remove it.",
        ),
    )
    return [Error(message, hint=hint, id=number) for number, wrong, message, hint in asked if wrong]
