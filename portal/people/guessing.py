"""Guessing passwords: what allauth's rate limits (settings.ACCOUNT_RATE_LIMITS) do not do by themselves.

Every guess is counted before it is evaluated, in Redis; without Redis nobody signs in. An address that nobody signs in
with is counted, locked and recorded like any other, so that an outsider cannot tell the two apart.
"""

import hashlib
import unicodedata
from typing import Any
from uuid import UUID

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from portal.accounts.actions import target
from portal.accounts.models import User
from portal.audit.actors import SYSTEM
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.people import lockout_mail

#: In the place of a person's id where there is no person: the work is the same, and so is its time.
NOBODY = UUID(int=0)


class GuessLimits(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The adapter's part: whose guess it is, from where, and what happens when an account locks."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that RealAddressMiddleware found; requests without one share one count."""
        return str(request.META.get("REMOTE_ADDR") or "unknown")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Evaluate a guess, if it may still be, under the one spelling of its address that is also counted."""
        if "email" in credentials:
            credentials["email"] = one_spelling(credentials["email"])
        user: User | None = super().authenticate(request, **credentials)
        return user

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002 - allauth's signature
        # Without allauth's host name: each of ALLOWED_HOSTS would give further guesses.
        return one_spelling(credentials.get("email", ""))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Lock the account if this was the last guess that it had."""
        super().authentication_failed(request, **credentials)
        address = one_spelling(credentials.get("email", ""))
        if not _may_guess_on(request, address) and _first_of_this_lock(address):
            lock_sign_in(address)


def one_spelling(address: str) -> str:
    """Return the one spelling of all that a database's comparison without case may take for the same address."""
    return unicodedata.normalize("NFKC", address).strip().upper().lower()


@atomic
def lock_sign_in(address: str) -> None:
    """Record that this address locked, and let its person be told by e-mail, if there is one."""
    person = User.objects.filter(email__iexact=address).first()
    # Not the address itself: what was typed there by mistake could be a password.
    nobody = Target("person", "", "an address that nobody signs in with")
    record(Verb.SIGN_IN_LOCKED, target(person) if person else nobody, SYSTEM)
    lockout_mail.announce(person.pk if person else NOBODY)


def _may_guess_on(request: HttpRequest, address: str) -> bool:
    usage = ratelimit.consume(
        request,
        app="allauth.account",
        action="login_failed",
        config={"login_failed": settings.GUESSES_PER_ACCOUNT},
        key=address,
        dry_run=True,
    )
    return usage is not None


def _first_of_this_lock(address: str) -> bool:
    digest = hashlib.sha256(address.encode()).hexdigest()
    return bool(cache.add(f"sign-in-locked:{digest}", "told", settings.GUESS_WINDOW_SECONDS))
