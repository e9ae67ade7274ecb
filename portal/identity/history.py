"""Audit events of sign-in and account security.

Most of it happens inside allauth, which sends signals; all receivers are here. If an event cannot be recorded, the
request fails. Typed text is never recorded: a wrong password is often the correct one of another account, and is
sometimes typed into the e-mail field.
"""

from collections.abc import Collection
from typing import Any

from allauth.account import signals as account_signals
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa import signals as factor_signals
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models.signals import post_delete, post_save, pre_save
from django.http import HttpRequest

from portal.accounts.actions import target as target_of
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import SYSTEM, Actor, command_line
from portal.audit.context import named_actor
from portal.audit.personal import Personal
from portal.audit.recording import Changes, Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb

_METHODS = {
    "password": "password",
    "socialaccount": "single sign-on",
    "totp": "authenticator app",
    "webauthn": "passkey",
    "recovery_codes": "recovery code",
}


def own_account(user: User) -> Target:
    """Return the account as the target of its owner's actions."""
    return Target("person", str(user.pk), "their account")


def account_of(user: User | None) -> Target:
    """Return the account as the target of other people's actions; None if no such account exists."""
    return target_of(user) if user else Target("person", "", "somebody unknown")


def who_changed(user: User) -> Actor:
    """Return the actor of a change to this account: the one named by the action, else the signed-in person.

    Without a signed-in person, a link or a factor has just proven the person's identity; outside a request it can only
    be the command line.
    """
    if (actor := named_actor()) is not None:
        return actor
    if context.request is None:
        return command_line()
    signed_in = getattr(context.request, "user", None)
    return person(signed_in if isinstance(signed_in, User) else user)


def _changed(user: User) -> tuple[Target, Actor]:
    """Return the account as a target, and the actor of the change."""
    actor = who_changed(user)
    return own_account(user) if actor.user_id == user.pk else account_of(user), actor


def _write(verb: Verb, target: Target, actor: Actor, how: str = "", reason: str = "") -> None:
    _tell(verb, target, actor, {"how": [None, how]} if how else {}, reason)


@atomic
def _tell(verb: Verb, target: Target, actor: Actor, changes: Changes | None = None, reason: str = "") -> None:
    record(verb, target, actor, changes=changes, reason=reason)


def sign_in_refused(user: User | None, how: str, reason: str = "") -> None:
    """Record that a sign-in was refused, and the method that was tried."""
    _write(Verb.SIGN_IN_REFUSED, account_of(user), SYSTEM, how, reason)


def reset_sent(user: User) -> None:
    """Record that a link was sent to choose another password."""
    _write(Verb.PASSWORD_RESET_ASKED, account_of(user), SYSTEM)


def sign_on_refused(reason: str) -> None:
    """Record that a single sign-on was refused, and why."""
    _write(Verb.SIGN_ON_REFUSED, Target("sign_on", "", ""), SYSTEM, reason=reason)


def password_set(user: User, verb: Verb) -> None:
    """Record a new password, in the transaction of the change."""
    record(verb, *_changed(user))


def _how(request: HttpRequest, user: User) -> str:
    """Return the authentication methods in order: "password, authenticator app"."""
    kinds = [found.get("type") or found.get("method") for found in get_authentication_records(request, user)]
    return ", ".join(dict.fromkeys(_METHODS.get(str(kind), str(kind)) for kind in kinds))


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    _write(Verb.SIGNED_IN, own_account(user), person(user), _how(request, user))


def _signed_out(user: User | None, **_: Any) -> None:
    if user is not None:  # None: the person was not signed in
        _write(Verb.SIGNED_OUT, own_account(user), person(user))


def _second_factor_refused(user: User, authenticator: Any, **_: Any) -> None:
    sign_in_refused(user, _METHODS[authenticator.type])


def _factor(row: Any, passkey: Verb, other: Verb) -> None:
    """Record it in the transaction of the change: allauth sends its signals after the commit, or not at all."""
    is_passkey = row.type == Authenticator.Type.WEBAUTHN
    how = Personal(row.data.get("name", "")) if is_passkey else _METHODS[row.type]
    _write(passkey if is_passkey else other, *_changed(row.user), how)


def _factor_saved(instance: Any, created: bool, **_: Any) -> None:  # noqa: FBT001 - Django's signal
    if created:
        _factor(instance, Verb.PASSKEY_ADDED, Verb.FACTOR_ADDED)


def _factor_changes(instance: Any, update_fields: Collection[str] | None = None, **_: Any) -> None:
    """Record changes of an existing factor before it is saved: allauth sends no signal for them."""
    if update_fields is not None and "data" not in update_fields:
        return  # only the time of last use; the sign-in has its own event
    stored = Authenticator.objects.filter(pk=instance.pk).values_list("data", flat=True).first()
    if stored is None:
        return
    about, now = _changed(instance.user), instance.data
    if stored.get("name") != now.get("name"):
        _tell(Verb.PASSKEY_RENAMED, *about, {"name": _personal(stored.get("name"), now.get("name"))})
    if any(stored.get(key) != now.get(key) for key in ("used_mask", "migrated_codes")):
        _tell(Verb.RECOVERY_CODE_USED, *about)
    if stored.get("viewed_at") != now.get("viewed_at"):
        _tell(Verb.RECOVERY_CODES_SHOWN, *about)


def _sign_on_changes(instance: Any, **_: Any) -> None:
    """Record a changed label of a connected account: allauth updates it at each sign-in."""
    stored = SocialAccount.objects.filter(pk=instance.pk).values_list("extra_data", flat=True).first()
    before, now = (stored or {}).get("label"), instance.extra_data.get("label")
    if stored is not None and before != now:
        _tell(Verb.SIGN_ON_CHANGED, account_of(instance.user), SYSTEM, {"name": _personal(before, now)})


def _personal(before: Any, now: Any) -> list[Personal | None]:
    """Return a change of a name as personal texts, since names of things may contain names of people."""
    return [None if each is None else Personal(each) for each in (before, now)]


def _factor_deleted(instance: Any, **_: Any) -> None:
    _factor(instance, Verb.PASSKEY_REMOVED, Verb.FACTOR_REMOVED)


def listen() -> None:
    """Connect to allauth's signals; called once, from `AppConfig.ready`."""
    account_signals.user_logged_in.connect(_signed_in)
    account_signals.user_logged_out.connect(_signed_out)
    factor_signals.authentication_failed.connect(_second_factor_refused)
    pre_save.connect(_factor_changes, sender=Authenticator)
    pre_save.connect(_sign_on_changes, sender=SocialAccount)
    post_save.connect(_factor_saved, sender=Authenticator)
    post_delete.connect(_factor_deleted, sender=Authenticator)
