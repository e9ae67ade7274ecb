"""Permission checks against the table of roles and rights."""

from collections.abc import Iterable
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from portal.accounts.models import Membership, User
from portal.accounts.rights import BY_ROLE, BY_SITE_ROLE, Right
from portal.audit.actors import Actor, ActorKind
from portal.core.db import fast_sql

#: Subject of a sentence that is stored: a name in it could not be erased.
ASKED = "The person who asked for it"


def person(user: User) -> Actor:
    """Return a signed-in person as an actor."""
    return Actor(ActorKind.PERSON, user.email, user.pk)


def may(user: User, right: Right, tenant_id: UUID | None = None) -> bool:
    """Return whether the person has the right, in this tenant or (without one) on the site."""
    if not user.is_active:
        return False
    if _holds_on_site(user, right):
        return True
    roles = BY_ROLE.get(right, frozenset())
    return tenant_id is not None and any(
        held.role in roles for held in fast_sql.select(Membership, user=user.pk, tenant=tenant_id)
    )


def may_anywhere(user: User, right: Right) -> bool:
    """Return whether the person has the right on the site or in any tenant."""
    if may(user, right):
        return True
    roles = BY_ROLE.get(right, frozenset())
    return user.is_active and Membership.objects.filter(user=user, role__in=roles).exists()


def require(actor: Actor, right: Right, tenant_id: UUID | None = None) -> None:
    """Raise PermissionDenied, with a message, unless the actor has the right at this moment.

    The command line and the portal itself have every right: anybody who can run commands can read the database anyway.
    """
    if actor.kind in {ActorKind.COMMAND_LINE, ActorKind.SYSTEM}:
        return
    users = fast_sql.select(User, pk=actor.user_id) if actor.user_id else []
    if not any(may(user, right, tenant_id) for user in users):
        raise Refused(actor, right, tenant_id)


def require_in_all(actor: Actor, right: Right, tenant_ids: Iterable[UUID]) -> None:
    """Raise PermissionDenied unless the actor has the right in each of these tenants; uses one query for all."""
    if refused := refused_in(actor, right, tenant_ids):
        raise Refused(actor, right, min(refused))


def refused_in(actor: Actor, right: Right, tenant_ids: Iterable[UUID]) -> set[UUID]:
    """Return the tenants among these in which the actor does not have the right."""
    if actor.kind in {ActorKind.COMMAND_LINE, ActorKind.SYSTEM}:
        return set()
    wanted = set(tenant_ids)
    user = User.objects.filter(pk=actor.user_id, is_active=True).first() if actor.user_id else None
    if user is None:
        return wanted
    if _holds_on_site(user, right):
        return set()
    roles = BY_ROLE.get(right, frozenset())
    held = Membership.objects.filter(user=user, tenant_id__in=wanted, role__in=roles)
    return wanted - set(held.values_list("tenant_id", flat=True))


def no_longer(right: Right) -> str:
    """Return the message for a worker's step whose requester has lost the right; the event's actor says who that is."""
    return f"{ASKED} may no longer {right}. Nothing more was sent; somebody else who may can ask for it again."


class Refused(PermissionDenied):
    """The actor does not have the right; the 403 page shows the message, and `refusals` records the event."""

    def __init__(self, actor: Actor, right: Right, tenant_id: UUID | None) -> None:
        super().__init__(f"You may not {right}. Ask an administrator of the tenant if you need to.")
        self.actor, self.right, self.tenant_id = actor, right, tenant_id


def tenants_within_reach(user: User, right: Right = Right.VIEW_TENANT) -> Q:
    """Return a filter for the tenants in which the person has the right."""
    if user.is_active and _holds_on_site(user, right):
        return Q()
    roles = BY_ROLE.get(right, frozenset()) if user.is_active else frozenset()
    mine = Membership.objects.filter(user=user, role__in=roles)
    return Q(pk__in=mine.values("tenant_id"))


def _holds_on_site(user: User, right: Right) -> bool:
    return any(right in BY_SITE_ROLE[role] for role in user.site_roles)
