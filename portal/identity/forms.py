"""Forms of second factors: allauth's, with encrypted seeds, audit events and error messages."""

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

from portal.identity import history
from portal.vault.encryption import DecryptionError

#: Exceptions that allauth and fido2 raise for a malformed response, or one that is signed by another key.
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
    """Encrypts the proposed seed in the session: sessions are stored in the database."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        super(ActivateTOTPForm, self).__init__(
            *args, **kwargs
        )  # allauth's own __init__ would store the seed unencrypted
        self.fields["code"].label = "Code from the app"
        self.secret = (self.is_bound and self._offered()) or self._offer()

    def _offered(self) -> str:
        try:
            return str(get_adapter().decrypt(context.request.session.get(SECRET_SESSION_KEY, "")))
        except DecryptionError:  # there is none, or the keys were rotated meanwhile
            return ""

    def _offer(self) -> str:
        secret = str(generate_totp_secret())
        context.request.session[SECRET_SESSION_KEY] = get_adapter().encrypt(secret)
        return secret

    def clean_code(self) -> str:
        """Return the code, which is now used up: otherwise it could also be used to sign in."""
        code = str(super().clean_code())
        TOTP(Authenticator(user=self.user))._mark_code_used(code)  # noqa: SLF001 - allauth does so only at a sign-in
        return code


class AnswerField(forms.JSONField):
    """The response of a passkey; unreadable JSON gets an error message, and the value is never shown again."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        """Return the submitted response; raises ValidationError."""
        try:
            return super().to_python(value)
        except (ValueError, RecursionError):  # a number of thousands of digits, deeply nested lists
            raise forms.ValidationError(_NOT_USABLE) from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return nothing of the submitted data: a response can be used only once."""
        del data
        return initial


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """Every key is registered as a passkey: discoverable without an e-mail address, with user verification."""

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
    """Validate the response of a passkey; raises ValidationError, also for data that no browser sends."""
    try:
        return credential()
    except _UNREADABLE:
        raise forms.ValidationError(_NOT_USABLE) from None


def _read_or_record(form: Any, credential: Callable[[], Any]) -> Any:
    """Do the same, and record a wrong response in the history like a wrong code."""
    try:
        return _read(credential)
    except forms.ValidationError:
        history.sign_in_refused(form.user, "passkey")
        raise


class UsePasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey instead of a code."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """Return the passkey of a correct response."""
        return _read_or_record(self, super().clean_credential)


class SignInByPasskeyForm(LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey instead of e-mail address, password and code."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """Return the passkey of a correct response."""
        return _read_or_record(self, super().clean_credential)


class ShowPasskeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey for the reauthentication of a signed-in person."""

    credential = AnswerField()

    def clean_credential(self) -> Any:
        """Return the passkey of a correct response."""
        return _read_or_record(self, super().clean_credential)
