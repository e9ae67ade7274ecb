"""What signing in leaves in the history.

Most of it happens inside allauth, which says so by signals; they are received here and nowhere else. A line that cannot
be written lets the request fail. What was typed is never written: a wrong password is often another account's right
one, and stands in the field of the address now and then.
"""

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import SYSTEM, Actor, command_line
from portal.audit.context import named_actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb

_METHODS = {
    "password": "password",
    "socialaccount": "single sign-on",
    "totp": "authenticator app",
    "webauthn": "passkey",
    "recovery_codes": "recovery code",
}


def own_account(user: User) -> Target:
    """Return the account as the target of what its owner does."""
    return Target("person", str(user.pk), "their account")


def account_of(user: User | None) -> Target:
    """Return the account as the target of what others do; None for one that nobody has."""
    return Target("person", str(user.pk), "a person") if user else Target("person", "", "somebody unknown")


def who_changed(user: User) -> Actor:
    """Return who changes this person's account: whom the action names, else who is signed in.

    Where nobody is signed in, a link or a factor has just proven that it is the person; outside a request there is
    only the command line.
    """
    if (actor := named_actor()) is not None:
        return actor
    if context.request is None:
        return command_line()
    signed_in = getattr(context.request, "user", None)
    return person(signed_in if isinstance(signed_in, User) else user)


def _changed(user: User) -> tuple[Target, Actor]:
    """Return the account as a target, and who changed it."""
    actor = who_changed(user)
    return own_account(user) if actor.user_id == user.pk else account_of(user), actor


@transaction.atomic
def _write(verb: Verb, target: Target, actor: Actor, how: str = "", reason: str = "") -> None:
    record(verb, target, actor, changes={"how": [None, how]} if how else {}, reason=reason)


def sign_in_refused(user: User | None, how: str, reason: str = "") -> None:
    """Record that somebody could not sign in, with what they tried."""
    _write(Verb.SIGN_IN_REFUSED, account_of(user), SYSTEM, how, reason)


def reset_asked(user: User) -> None:
    """Record that a link was asked for."""
    _write(Verb.PASSWORD_RESET_ASKED, account_of(user), SYSTEM)


def sign_on_refused(reason: str) -> None:
    """Record that a single sign-on was refused, and why."""
    _write(Verb.SIGN_ON_REFUSED, Target("sign_on", "", ""), SYSTEM, reason=reason)


def password_set(user: User, verb: Verb) -> None:
    """Record, in the transaction of the change, that the person has another password."""
    record(verb, *_changed(user))


def _how(request: HttpRequest, user: User) -> str:
    """Return what the person showed, in order: "password, authenticator app"."""
    kinds = [found.get("type") or found.get("method") for found in get_authentication_records(request, user)]
    return ", ".join(dict.fromkeys(_METHODS.get(str(kind), str(kind)) for kind in kinds))


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    _write(Verb.SIGNED_IN, own_account(user), person(user), _how(request, user))


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:  # None: somebody signed out who was not signed in
        _write(Verb.SIGNED_OUT, own_account(user), person(user))


def _second_factor_refused(user: User, authenticator: Any, **_: Any) -> None:
    sign_in_refused(user, _METHODS[authenticator.type])


def _second_factor_used(user: User, authenticator: Any, **_: Any) -> None:
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        _write(Verb.RECOVERY_CODE_USED, own_account(user), person(user))


def _factor(row: Any, passkey: Verb, other: Verb) -> None:
    """Record in the transaction of the change: allauth's own signals come after the commit, or not at all."""
    is_passkey = row.type == Authenticator.Type.WEBAUTHN
    how = str(row.data.get("name", "")) if is_passkey else _METHODS[row.type]
    _write(passkey if is_passkey else other, *_changed(row.user), how)


def _factor_saved(instance: Any, created: bool, **_: Any) -> None:  # noqa: FBT001 - Django's signal
    if created:
        _factor(instance, Verb.PASSKEY_ADDED, Verb.FACTOR_ADDED)


def _factor_deleted(instance: Any, **_: Any) -> None:
    _factor(instance, Verb.PASSKEY_REMOVED, Verb.FACTOR_REMOVED)


def listen() -> None:
    """Receive allauth's signals; called once, when the room is ready."""
    account_signals.user_logged_in.connect(_signed_in)
    account_signals.user_logged_out.connect(_signed_out)
    factor_signals.authentication_failed.connect(_second_factor_refused)
    factor_signals.authenticator_used.connect(_second_factor_used)
    post_save.connect(_factor_saved, sender=Authenticator)
    post_delete.connect(_factor_deleted, sender=Authenticator)
