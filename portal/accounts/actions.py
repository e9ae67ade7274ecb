"""Actions on users and roles.

A person who loses or changes a role, or is disabled, is signed out of all sessions, so that no open page shows more
than they may see.
"""

from collections.abc import Iterable
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from portal.accounts.models import Membership, User
from portal.accounts.permission import require
from portal.accounts.rights import Right, Role, SiteRole
from portal.accounts.sessions import end_sessions
from portal.audit.actors import Actor
from portal.audit.context import done_by
from portal.audit.personal import Personal
from portal.audit.recording import Changes, NewEvent, Target, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.ui.forms import check_email

LAST_ONE = "This is the last site administrator. Make somebody else one first."


def target(user: User) -> Target:
    """Return the person as the target of an event, by their e-mail address, which can be erased."""
    return _person(user.pk, user.email)


@atomic
def add_person(  # noqa: PLR0913 - the attributes of a person
    actor: Actor,
    *,
    email: str,
    password: str,
    name: str = "",
    is_site_administrator: bool = False,
    reason: str = "",
) -> User:
    """Add a person who signs in with `email`; raises ValidationError for a weak password or an address in use."""
    require(actor, Right.MANAGE_PEOPLE)
    user = User(email=normal(email), name=name.strip(), is_site_administrator=is_site_administrator)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    check_email(user.email)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:  # somebody else took the address a moment ago
        raise ValidationError({"email": User.EMAIL_TAKEN}) from error
    changes = {"site administrator": [None, is_site_administrator]}
    record(Verb.PERSON_ADDED, target(user), actor, changes=changes, reason=reason)
    return user


def normal(email: str) -> str:
    """Return the address in lower case, so that no two users differ only by case."""
    return email.strip().lower()


@atomic
def grant_role(  # noqa: PLR0913 - whom, where, which role, and the details of the event
    actor: Actor, *, user: User, tenant_id: UUID, role: Role, reason: str = "", keep_session: str | None = None
) -> Membership:
    """Give the person the role in the tenant; a role that they already have changes nothing."""
    require(actor, Right.MANAGE_PEOPLE)
    membership, created = Membership.objects.get_or_create(user=user, tenant_id=tenant_id, role=role)
    if created:
        record_many([_grant(membership, user.email, reason)], actor)
        end_sessions(user.pk, keep=keep_session)
    return membership


@atomic
def change_role(actor: Actor, membership: Membership, *, role: Role, reason: str) -> Membership:
    """Replace the role by another one in the same tenant. Raises ValidationError if they already have that one."""
    require(actor, Right.MANAGE_PEOPLE)
    membership = _locked(membership)
    if membership.role == role:
        return membership
    changes = {"role": [membership.role, role.value]}
    membership.role = role
    try:
        with transaction.atomic():
            membership.save(update_fields=["role"])
    except IntegrityError as error:  # somebody else may have granted the same role just now
        raise ValidationError(
            {"role": "This person has that role in the tenant already; withdraw this one instead."}
        ) from error
    _record_in_tenant(Verb.ROLE_CHANGED, actor, membership, changes, reason)
    end_sessions(membership.user_id)
    return membership


@atomic
def withdraw_role(actor: Actor, membership: Membership, *, reason: str) -> None:
    """Withdraw a role."""
    require(actor, Right.MANAGE_PEOPLE)
    membership = _locked(membership)
    _record_in_tenant(Verb.ROLE_WITHDRAWN, actor, membership, {"role": [membership.role, None]}, reason)
    membership.delete()
    end_sessions(membership.user_id)


@atomic
def make_site_administrator(actor: Actor, user: User, *, reason: str, keep_session: str | None = None) -> User:
    """Make the person a site administrator, who manages people and tenants; does nothing if they are one already."""
    require(actor, Right.MANAGE_PEOPLE)
    user = _locked_person(user)
    if not user.is_site_administrator:
        _set(user, "is_site_administrator", value=True)
        _record(Verb.SITE_ADMINISTRATOR_MADE, actor, user, "site administrator", reason, after=True)
        end_sessions(user.pk, keep=keep_session)
    return user


@atomic
def unmake_site_administrator(actor: Actor, user: User, *, reason: str) -> User:
    """Withdraw the role of site administrator. Raises ValidationError for the last one."""
    require(actor, Right.MANAGE_PEOPLE)
    user = _locked_person(user)
    if user.is_site_administrator:
        _refuse_last(user)
        _set(user, "is_site_administrator", value=False)
        _record(Verb.SITE_ADMINISTRATOR_UNMADE, actor, user, "site administrator", reason, after=False)
        end_sessions(user.pk)
    return user


@atomic
def make_site_auditor(actor: Actor, user: User, *, reason: str, keep_session: str | None = None) -> User:
    """Make the person a site auditor, who reads the history of every tenant; does nothing if they are one already."""
    require(actor, Right.MANAGE_PEOPLE)
    user = _locked_person(user)
    if not user.is_site_auditor:
        _set(user, "is_site_auditor", value=True)
        _record(Verb.SITE_AUDITOR_MADE, actor, user, "site auditor", reason, after=True)
        end_sessions(user.pk, keep=keep_session)
    return user


@atomic
def unmake_site_auditor(actor: Actor, user: User, *, reason: str) -> User:
    """Withdraw the role of site auditor. They can still read the history of tenants in which they have a role."""
    require(actor, Right.MANAGE_PEOPLE)
    user = _locked_person(user)
    if user.is_site_auditor:
        _set(user, "is_site_auditor", value=False)
        _record(Verb.SITE_AUDITOR_UNMADE, actor, user, "site auditor", reason, after=False)
        end_sessions(user.pk)
    return user


@atomic
def disable_person(actor: Actor, user: User, *, reason: str) -> User:
    """Disable a person's sign-in; roles and history stay.

    Raises ValidationError for oneself and the last administrator.
    """
    require(actor, Right.MANAGE_PEOPLE)
    if actor.user_id == user.pk:
        raise ValidationError("You cannot disable yourself. Ask another site administrator.")
    user = _locked_person(user)
    if user.is_active:
        _refuse_last(user)
        _set(user, "is_active", value=False)
        _record(Verb.PERSON_DISABLED, actor, user, "may sign in", reason, after=False)
        end_sessions(user.pk)
    return user


@atomic
def enable_person(actor: Actor, user: User, *, reason: str) -> User:
    """Enable a disabled person again, with the roles that they have."""
    require(actor, Right.MANAGE_PEOPLE)
    user = _locked_person(user)
    if not user.is_active:
        _set(user, "is_active", value=True)
        _record(Verb.PERSON_ENABLED, actor, user, "may sign in", reason, after=True)
    return user


@atomic
def reset_second_factor(actor: Actor, user: User, *, reason: str) -> int:
    """Delete the person's authenticators and recovery codes; return the number of deleted objects."""
    require(actor, Right.MANAGE_PEOPLE)
    user = _locked_person(user)
    with done_by(actor):  # a signal receiver records an event for each deleted factor
        number: int = Authenticator.objects.filter(user=user).delete()[0]
    if number:
        changes = {"second factors": [number, 0]}
        record(Verb.SECOND_FACTOR_RESET, target(user), actor, changes=changes, reason=reason)
        end_sessions(user.pk)
    return number


#: The action that grants each role on the site.
MAKE_ON_SITE = {SiteRole.ADMINISTRATOR: make_site_administrator, SiteRole.AUDITOR: make_site_auditor}


def join_as_administrator(actor: Actor, tenant_id: UUID) -> None:
    """Make the person who adds a tenant its administrator; on the command line nobody needs a membership."""
    join_all_as_administrator(actor, [tenant_id])


def join_all_as_administrator(actor: Actor, tenant_ids: Iterable[UUID]) -> None:
    """Do the same for several tenants."""
    require(actor, Right.ADD_TENANT)
    if actor.user_id is not None:
        role = Role.ADMINISTRATOR
        joined = [Membership(user_id=actor.user_id, tenant_id=tenant_id, role=role) for tenant_id in tenant_ids]
        Membership.objects.bulk_create(joined)
        record_many([_grant(membership, actor.label) for membership in joined], actor)


def _person(user_id: UUID, email: str) -> Target:
    return Target("person", str(user_id), Personal(email))


def _grant(membership: Membership, email: str, reason: str = "") -> NewEvent:
    changes = {"role": [None, membership.role]}
    return NewEvent(Verb.ROLE_GRANTED, _person(membership.user_id, email), membership.tenant_id, changes, reason)


def _record_in_tenant(verb: Verb, actor: Actor, membership: Membership, changes: Changes, reason: str) -> None:
    about = target(membership.user)
    record(verb, about, actor, tenant_id=membership.tenant_id, changes=changes, reason=reason)


def _record(verb: Verb, actor: Actor, user: User, what: str, reason: str, *, after: bool) -> None:  # noqa: PLR0913 - the parts of an event
    record(verb, target(user), actor, changes={what: [not after, after]}, reason=reason)


def _set(user: User, field: str, *, value: bool) -> None:
    setattr(user, field, value)
    user.save(update_fields=[field])


def _locked(membership: Membership) -> Membership:
    """Return the role from the database, locked; raises ValidationError if it has been withdrawn."""
    locked = Membership.objects.select_for_update(no_key=True).filter(pk=membership.pk).first()
    if locked is None:
        raise ValidationError("Somebody has withdrawn this role already.")
    return locked


def _locked_person(user: User) -> User:
    """Return the person, locked together with all site administrators, so that two cannot demote each other at once."""
    held = User.objects.filter(Q(is_site_administrator=True) | Q(pk=user.pk)).order_by("pk")
    return next(each for each in held.select_for_update(no_key=True) if each.pk == user.pk)


def _refuse_last(user: User) -> None:
    if not user.is_site_administrator:
        return
    others = User.objects.filter(is_site_administrator=True, is_active=True).exclude(pk=user.pk)
    if not others.exists():
        raise ValidationError(LAST_ONE)
