"""Signal receivers for allauth: sessions follow changes of passwords and second factors.

Reauthentication gives the session a new key. A change ends the person's other sessions, which were opened with the old
password or factor.
"""

from collections.abc import Iterator
from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.dispatch import Signal
from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.sessions import end_sessions, session_of


def connect() -> None:
    """Connect the receivers."""
    account.authentication_step_completed.connect(_proven, dispatch_uid="sessions.proven")
    for change in _changes():
        change.connect(_changed, dispatch_uid="sessions.changed")


def _changes() -> Iterator[Signal]:
    yield from (account.password_changed, account.password_reset, account.password_set)
    yield from (mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset)


def _proven(request: HttpRequest, *, reauthenticated: bool = False, **_: Any) -> None:
    if reauthenticated:  # a sign-in starts a new session, which counts as proven already
        session_of(request).note_proof()


def _changed(request: HttpRequest, user: User, **_: Any) -> None:
    end_sessions(user.pk, keep=session_of(request).session_key)
