"""Sign-in lockout: additions to allauth's rate limits (settings.ACCOUNT_RATE_LIMITS) against password guessing.

Every attempt is counted in Redis before the password is checked; without Redis nobody can sign in. An address without
an account is counted, locked and recorded like any other, so that outsiders cannot tell the two apart.
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
from portal.identity import lockout_mail

#: Replaces the id of a missing person, so that the work and its duration are the same.
NOBODY = UUID(int=0)


class GuessLimits(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Adapter methods: which account and client an attempt counts for, and what happens when an account locks."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address that RealAddressMiddleware set; requests without one share one counter."""
        return str(request.META.get("REMOTE_ADDR") or "unknown")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Check the password within the limits, with the same spelling of the address that is counted."""
        if "email" in credentials:
            credentials["email"] = one_spelling(credentials["email"])
        user: User | None = super().authenticate(request, **credentials)
        return user

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002 - allauth's signature
        # Without allauth's host name: otherwise each of ALLOWED_HOSTS would allow further attempts.
        return one_spelling(credentials.get("email", ""))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Lock the account if this was its last attempt."""
        super().authentication_failed(request, **credentials)
        address = one_spelling(credentials.get("email", ""))
        if not _may_guess_on(request, address) and _first_of_this_lock(address):
            lock_sign_in(address)


def one_spelling(address: str) -> str:
    """Return one spelling for all spellings that a case-insensitive database comparison may treat as equal."""
    return unicodedata.normalize("NFKC", address).strip().upper().lower()


@atomic
def lock_sign_in(address: str) -> None:
    """Record that this address is locked, and queue an e-mail to the person, if there is one."""
    person = User.objects.filter(email__iexact=address).first()
    # Not the address itself: somebody may have typed a password there by mistake.
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
