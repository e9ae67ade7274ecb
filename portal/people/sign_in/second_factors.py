"""The seeds of authenticator apps and recovery codes: sealed by the vault, each for its person.

allauth hands over a text and nothing else, not whose it is. So the person is taken from the request: who is signed in,
or who has given the right password and is asked for the second factor. A seed that was copied from one person's row
into another's is opened with the other's place, and does not open. What is stored of a passkey is public: the half of
its key that verifies, and never the half that signs.
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
from portal.vault.masking import remember
from portal.vault.sealed_fields import SealedText
from portal.vault.sealing import Place, as_text, from_text, seal, unseal

#: Of no tenant: a person has one second factor for all of theirs.
_NO_TENANT = UUID(int=0)
_person: ContextVar[UUID | None] = ContextVar("second_factor_of", default=None)


class NobodyAtHand(RuntimeError):
    """A seed is to be sealed or opened, and no request says whose it is."""


def place_of(user_id: UUID) -> Place:
    """Return where the seeds of this person belong."""
    return Place(_NO_TENANT, "mfa.Authenticator", user_id, "data")


def sealed_texts() -> list[SealedText]:
    """Return the places of seeds in allauth's table, for the rotation of keys."""

    def place(row: Any) -> Place:
        return place_of(row.user_id)

    return [SealedText(Authenticator, "data", place, key) for key in ("secret", "seed")]


@contextmanager
def factors_of(user: User) -> Iterator[None]:
    """Let seeds be this person's, where no request says whose they are."""
    token = _person.set(user.pk)
    try:
        yield
    finally:
        _person.reset(token)


def _person_at_hand() -> UUID:
    """Return whom the request is about; raises NobodyAtHand."""
    if (named := _person.get()) is not None:
        return named
    request = context.request
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        stage = getattr(request, "_login_stage", None)  # allauth's, once the password was right
        user = stage.login.user if stage else None
    if user is None:
        raise NobodyAtHand("A second factor is used outside a sign-in; `factors_of` says whose it is.")
    return UUID(str(user.pk))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Seals what allauth stores."""

    def encrypt(self, text: str) -> str:
        """Return the sealed text."""
        remember({"secondFactor": text})
        return as_text(seal(text.encode(), place_of(_person_at_hand())))

    def decrypt(self, encrypted_text: str) -> str:
        """Return the text; raises DoesNotOpen for another person's, and for what was damaged."""
        text = unseal(from_text(encrypted_text), place_of(_person_at_hand())).decode()
        remember({"secondFactor": text})
        return text

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's signature
        """Return what a new passkey is called until its owner says otherwise."""
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
