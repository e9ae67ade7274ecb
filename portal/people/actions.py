"""Actions on invitations: invite, withdraw, accept."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.actions import MAKE_ON_SITE, add_person, grant_role, normal
from portal.accounts.models import User
from portal.accounts.permission import person, require
from portal.accounts.rights import Right, Role, SiteRole
from portal.audit.actors import Actor, worker_for
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.logging.redaction import remember_secret
from portal.people.models import Invitation, InvitationState
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.ui.forms import check_email

_TOKEN_BYTES = 32
#: A longer token cannot be one of ours.
_LONGEST_TOKEN = 64
#: The same message for every unusable link: it must not reveal whether a token was guessed, used or withdrawn.
CLOSED = "This invitation cannot be used. It may have been used already, withdrawn, or ended; ask for a new one."


class InvitationClosed(Exception):
    """The link cannot be used: forged, used, withdrawn or expired, or its inviter may no longer invite."""

    def __init__(self) -> None:
        super().__init__(CLOSED)


@atomic
def invite(
    actor: Actor,
    *,
    email: str,
    tenant: Tenant | None = None,
    role: Role | SiteRole = SiteRole.ADMINISTRATOR,
) -> tuple[Invitation, str]:
    """Invite a person to a role in a tenant, or (without a tenant) on the site; return the link's token too.

    The token is stored in no row and no log: the caller shows it once. An open invitation to the same role is
    withdrawn. Raises ValidationError.
    """
    require(actor, Right.MANAGE_PEOPLE)
    email = normal(email)
    check_email(email)
    if (tenant is None) is not isinstance(role, SiteRole):
        raise ValidationError("A role in a tenant needs a tenant, and a role on the site has none.")
    if tenant is not None:
        refuse_if_archived(tenant)
    _refuse_what_they_have(email, tenant, role)
    _withdraw_earlier(actor, email, tenant, role)
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), timezone.now()
    remember_secret({"invitation": token})
    invitation = Invitation(
        email=email,
        tenant=tenant,
        role=role,
        token_hash=_hash(token),
        invited_at=now,
        ends_at=now + timedelta(days=settings.INVITATION_DAYS),
        invited_by_id=actor.user_id,
        invited_by_label=actor.label,
    )
    _insert(invitation)
    _record(Verb.INVITED, actor, invitation, {"role": [None, str(invitation)]})
    return invitation, token


@atomic
def withdraw_invitation(actor: Actor, invitation: Invitation, *, reason: str = "") -> Invitation:
    """Make the invitation's link unusable. Raises ValidationError if it was accepted."""
    require(actor, Right.MANAGE_PEOPLE)
    invitation = _locked(invitation.pk)
    if invitation.accepted_at:
        raise ValidationError("It was accepted already; change the person's role instead.")
    if invitation.withdrawn_at is None:
        _withdraw(actor, invitation, reason)
    return invitation


def find_by_token(token: str) -> Invitation:
    """Return the open invitation of a link; raises InvitationClosed."""
    if len(token) > _LONGEST_TOKEN:
        raise InvitationClosed
    found = Invitation.objects.filter(token_hash=_hash(token)).values_list("pk", flat=True).first()
    if found is None:
        raise InvitationClosed
    return find_open(found)


def find_open(pk: UUID) -> Invitation:
    """Return an invitation if it can be accepted now; raises InvitationClosed."""
    invitation = Invitation.objects.select_related("tenant").filter(pk=pk).first()
    if invitation is None:
        raise InvitationClosed
    _demand_open(invitation)
    return invitation


@atomic
def accept_as_newcomer(pk: UUID, *, name: str, password: str) -> User:
    """Add the invited person with the role of the invitation. Raises InvitationClosed and ValidationError."""
    invitation = _locked_open(pk)
    inviter = _inviter(invitation)
    user = add_person(inviter, email=invitation.email, name=name, password=password, reason=_why(invitation))
    return _accept(inviter, invitation, user, keep_session=None)


@atomic
def accept_as(actor: Actor, pk: UUID, *, keep_session: str | None = None) -> User:
    """Give the signed-in person the role of their invitation. Raises InvitationClosed, also if it is not theirs."""
    invitation = _locked_open(pk)
    here = User.objects.filter(email=invitation.email, is_active=True)
    user = here.filter(pk=actor.user_id).first() if actor.user_id else None
    if user is None:
        raise InvitationClosed
    return _accept(_inviter(invitation), invitation, user, keep_session=keep_session)


def has_account(invitation: Invitation) -> bool:
    """Return whether the invited person already has an account."""
    return User.objects.filter(email=invitation.email).exists()


def _accept(inviter: Actor, invitation: Invitation, user: User, *, keep_session: str | None) -> User:
    why = _why(invitation)
    if invitation.tenant is None:
        make = MAKE_ON_SITE[SiteRole(invitation.role)]
        user = make(inviter, user, reason=why, keep_session=keep_session)
    else:
        role = Role(invitation.role)
        tenant_id = invitation.tenant.pk
        grant_role(inviter, user=user, tenant_id=tenant_id, role=role, reason=why, keep_session=keep_session)
    invitation.accepted_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    _record(Verb.INVITATION_ACCEPTED, person(user), invitation, {"state": ["open", "accepted"]})
    return user


def _inviter(invitation: Invitation) -> Actor:
    """Return the inviter as the actor: if they have lost the right to invite, the link does not work."""
    return worker_for(invitation.invited_by_id, invitation.invited_by_label)


def _why(invitation: Invitation) -> str:
    return f"Invitation of {invitation.invited_at:%d %b %Y}, accepted"


def _demand_open(invitation: Invitation) -> None:
    if invitation.state_at(timezone.now()) != InvitationState.OPEN:
        raise InvitationClosed
    try:
        require(_inviter(invitation), Right.MANAGE_PEOPLE)
        if invitation.tenant is not None:
            refuse_if_archived(invitation.tenant)
    except (PermissionDenied, ValidationError):
        raise InvitationClosed from None


def _locked(pk: UUID) -> Invitation:
    return Invitation.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=pk)


def _locked_open(pk: UUID) -> Invitation:
    invitation = _locked(pk)
    _demand_open(invitation)
    return invitation


def _refuse_what_they_have(email: str, tenant: Tenant | None, role: Role | SiteRole) -> None:
    there = User.objects.filter(email=email)
    held = there.filter(memberships__tenant=tenant, memberships__role=role).exists() if tenant else False
    if held or any(role in user.site_roles for user in there):
        raise ValidationError({"email": "This person has that role already."})
    if there.filter(is_active=False).exists():
        raise ValidationError({"email": "This person is disabled. Enable them on their page first."})


def _withdraw_earlier(actor: Actor, email: str, tenant: Tenant | None, role: Role | SiteRole) -> None:
    same = Invitation.objects.filter(email=email, tenant=tenant, role=role, accepted_at=None, withdrawn_at=None)
    for earlier in same.select_for_update(of=("self",), no_key=True).order_by("pk"):
        _withdraw(actor, earlier, "Invited again")


def _withdraw(actor: Actor, invitation: Invitation, reason: str) -> None:
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    _record(Verb.INVITATION_WITHDRAWN, actor, invitation, {"state": ["open", "withdrawn"]}, reason)


def _insert(invitation: Invitation) -> None:
    try:
        with transaction.atomic():
            invitation.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError("Somebody invited this person to the same a moment ago.") from error


def _hash(token: str) -> str:
    """Return the stored hash of a token; 256 random bits need no slow hash function."""
    return hashlib.sha256(token.encode()).hexdigest()


def _record(
    verb: Verb, actor: Actor, invitation: Invitation, changes: dict[str, list[str | None]], reason: str = ""
) -> None:
    about = Target("invitation", str(invitation.pk), f"{invitation.email}, {invitation}")
    record(verb, about, actor, tenant_id=invitation.tenant_id, changes=changes, reason=reason)
