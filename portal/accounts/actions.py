"""What can be done to people: one function for each verb."""

from collections.abc import Iterable
from uuid import UUID

from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from portal.accounts.models import Membership, User
from portal.accounts.permission import require
from portal.accounts.rights import Right, Role
from portal.audit.actors import Actor
from portal.audit.recording import Line, Target, record, record_many
from portal.audit.verbs import Verb


@transaction.atomic
def add_person(actor: Actor, *, email: str, password: str, name: str = "", is_site_administrator: bool = False) -> User:
    """Add a person who signs in with `email`; raises ValidationError for a weak password or an address in use."""
    require(actor, Right.MANAGE_PEOPLE)
    # Lower case, so that no two people differ by the case of their address only.
    user = User(email=email.strip().lower(), name=name, is_site_administrator=is_site_administrator)
    validate_password(password, user)
    user.set_password(password)
    user.full_clean()
    user.save(force_insert=True)
    record(
        Verb.PERSON_ADDED,
        Target("person", str(user.pk), "a person"),
        actor,
        changes={"site administrator": [None, is_site_administrator]},
    )
    return user


@transaction.atomic
def grant_role(actor: Actor, *, user: User, tenant_id: UUID, role: Role) -> Membership:
    """Make the person what `role` says in the tenant; granting what they have changes nothing."""
    require(actor, Right.MANAGE_PEOPLE)
    membership, created = Membership.objects.get_or_create(user=user, tenant_id=tenant_id, role=role)
    if created:
        _record_grant(actor, membership)
    return membership


def join_as_administrator(actor: Actor, tenant_id: UUID) -> None:
    """Make the person who adds a tenant its administrator; the command line needs no membership."""
    join_all_as_administrator(actor, [tenant_id])


def join_all_as_administrator(actor: Actor, tenant_ids: Iterable[UUID]) -> None:
    """Do the same for many tenants."""
    require(actor, Right.ADD_TENANT)
    if actor.user_id is not None:
        role = Role.ADMINISTRATOR
        joined = [Membership(user_id=actor.user_id, tenant_id=tenant_id, role=role) for tenant_id in tenant_ids]
        Membership.objects.bulk_create(joined)
        record_many([_grant(membership) for membership in joined], actor)


def _record_grant(actor: Actor, membership: Membership) -> None:
    record_many([_grant(membership)], actor)


def _grant(membership: Membership) -> Line:
    return Line(
        Verb.ROLE_GRANTED,
        Target("person", str(membership.user_id), "a person"),
        membership.tenant_id,
        {"role": [None, membership.role]},
    )
