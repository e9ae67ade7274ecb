"""Encryption of second factors: seeds of authenticator apps and recovery codes, each bound to its person.

allauth passes only the text, not its owner. So the owner is taken from the request: the signed-in person, or the person
who has entered the correct password and must now give the second factor. A seed that was copied to another person's row
is decrypted with that person's context, and fails. Data of passkeys is public: only the verifying half of the key is
stored, never the signing half.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator

from portal.accounts.models import User
from portal.core.logging.redaction import remember_secret
from portal.vault.encrypted_fields import EncryptedText
from portal.vault.encryption import EncryptionContext, as_text, decrypt, encrypt, from_text

#: No tenant: a person has one second factor for all tenants.
_NO_TENANT = UUID(int=0)
_person: ContextVar[UUID | None] = ContextVar("second_factor_of", default=None)


class OwnerUnknown(RuntimeError):
    """A seed must be encrypted or decrypted, but no request shows whose it is."""


def place_of(user_id: UUID) -> EncryptionContext:
    """Return the encryption context of this person's seeds."""
    return EncryptionContext(_NO_TENANT, "mfa.Authenticator", user_id, "data")


def sealed_texts() -> list[EncryptedText]:
    """Return the encrypted texts in allauth's table, for key rotation."""

    def place(row: Any) -> EncryptionContext:
        return place_of(row.user_id)

    return [EncryptedText(Authenticator, "data", place, key) for key in ("secret", "seed")]


@contextmanager
def factors_of(user: User) -> Iterator[None]:
    """Set the owner of seeds inside the block, if no request shows it."""
    token = _person.set(user.pk)
    try:
        yield
    finally:
        _person.reset(token)


def _person_of_request() -> UUID:
    """Return the person of the request; raises OwnerUnknown."""
    if (named := _person.get()) is not None:
        return named
    request = context.request
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        stage = getattr(request, "_login_stage", None)  # set by allauth after a correct password
        user = stage.login.user if stage else None
    if user is None:
        raise OwnerUnknown("A second factor is used outside a sign-in; `factors_of` says whose it is.")
    return UUID(str(user.pk))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Encrypts what allauth stores."""

    def encrypt(self, text: str) -> str:
        """Return the encrypted text."""
        remember_secret({"secondFactor": text})
        return as_text(encrypt(text.encode(), place_of(_person_of_request())))

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text; raises DecryptionError if it is damaged or belongs to another person."""
        text = decrypt(from_text(encrypted_text), place_of(_person_of_request())).decode()
        remember_secret({"secondFactor": text})
        return text

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's signature
        """Return the default name of a new passkey."""
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
