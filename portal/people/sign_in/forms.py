"""The forms of second factors, where allauth's would leave something in clear or unsaid."""

import struct
from collections.abc import Callable
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, TOTP, generate_totp_secret
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django import forms

from portal.people.sign_in import history
from portal.vault.sealing import DoesNotOpen

#: What allauth and fido2 let through when an answer is none, or is signed by another key.
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    struct.error,
    InvalidSignature,
    UnsupportedAlgorithm,
)
_NOT_USABLE = "The passkey's answer could not be used. Try it once more."


class ActivateAppForm(ActivateTOTPForm):  # type: ignore[misc]  # allauth has no types
    """Keeps the seed that is on offer sealed in the session: sessions lie in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        super(ActivateTOTPForm, self).__init__(*args, **kwargs)  # allauth's own would put the seed there in clear
        self.fields["code"].label = "Code from the app"
        self.secret = (self.is_bound and self._offered()) or self._offer()

    def _offered(self) -> str:
        try:
            return str(get_adapter().decrypt(context.request.session.get(SECRET_SESSION_KEY, "")))
        except DoesNotOpen:  # there is none, or the keys were rotated meanwhile
            return ""

    def _offer(self) -> str:
        secret = str(generate_totp_secret())
        context.request.session[SECRET_SESSION_KEY] = get_adapter().encrypt(secret)
        return secret

    def clean_code(self) -> str:
        """Return the code, which from now on is used up: it would sign in as well."""
        code = str(super().clean_code())
        TOTP(Authenticator(user=self.user))._mark_code_used(code)  # noqa: SLF001 - allauth does so only at a sign-in
        return code


class AnswerField(forms.JSONField):
    """What a passkey answered; also JSON that Python will not read is refused in words, and none is shown again."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        """Return what was sent; raises ValidationError."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):  # a number of thousands of digits, lists in lists in lists
            raise forms.ValidationError(_NOT_USABLE) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return nothing of what was sent: an answer serves once."""
        del data
        return initial


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Every key is a passkey here: it is found without an address, and it verifies its owner."""

    passwordless = None
    credential = AnswerField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label="Name",
            required=False,
            max_length=60,
            help_text="To know it by, like “Work laptop”.",
        )

    def clean(self) -> Any:
        """Return the new passkey."""
        return _read(super().clean)


def _read(credential: Callable[[], Any]) -> Any:
    """Read what a passkey answered; raises ValidationError, also for what no browser sends."""
    try:
        return credential()
    except _UNREADABLE:
        raise forms.ValidationError(_NOT_USABLE) from None


def _read_or_record(form: Any, credential: Callable[[], Any]) -> Any:
    """Do the same; a wrong answer is in the history, as a wrong code is."""
    try:
        return _read(credential)
    except forms.ValidationError:
        history.sign_in_refused(form.user, "passkey")
        raise


class UsePasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey in the place of a code."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """Return the passkey that answered rightly."""
        return _read_or_record(self, super().clean_credential)


class SignInByPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey in the place of address, password and code."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """Return the passkey that answered rightly."""
        return _read_or_record(self, super().clean_credential)


class ShowPasskeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey, once more, by whoever is signed in."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """Return the passkey that answered rightly."""
        return _read_or_record(self, super().clean_credential)
