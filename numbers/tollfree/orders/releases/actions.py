"""Actions on releases: request, approve, decline, take back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from genesys_cloud.access import Access, readable_access_of
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.recording import record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.notifications.mailing import announce
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.ui.labels import phone_words
from senders.models import SenderId
from tollfree.orders import validation
from tollfree.orders.approval_rules import policy_of, refuse_own
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.states import RELEASE_NOT_SENT, OrderState, ReleaseState
from tollfree.orders.transitions import NoticeKind, Overtaken, release_target, transition_release

#: Hooks that return a message if a number is in use and must not be released. Other apps register theirs.
uses: list[Callable[[Tenant, str], str | None]] = []


@atomic
def ask_release(  # noqa: PLR0913 - what a release needs
    actor: Actor, tenant: Tenant, number: str, *, typed: str, reason: str, ask_approval: bool = False
) -> Release:
    """Request the release of a number after the waiting time. Raises ValidationError.

    `typed` is the number, typed again as confirmation. The number may have been ordered here or elsewhere. A second
    person must approve if the tenant's policy says so, or if `ask_approval` is set, which is what the page promised. A
    number can have only one release in progress.
    """
    require(actor, Right.RELEASE_NUMBER, tenant.pk)
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    refuse_if_archived(tenant)
    number = validation.number(number)
    reason = validation.checked_text("reason", reason, needed="Say why the number is given back.")
    _demand_typed(number, typed)
    refuse_if_used(tenant, number)
    order = NumberOrder.objects.filter(tenant=tenant, number=number, state=OrderState.COMPLETED).first()
    access = order.group.access if order else readable_access_of(tenant)
    if access is None:
        raise ValidationError("This tenant has no client of Genesys Cloud, so nothing can be given back for it.")
    waits = ask_approval or policy_of(tenant).approve_releases
    release = _new(actor, tenant, number, order=order, access=access, reason=reason, waits=waits)
    try:
        with transaction.atomic():
            release.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(f"The release of {phone_words(number)} is going on already.", code="taken") from error
    changes = {"state": [None, release.state], "due": [None, release.due_at.isoformat() if release.due_at else None]}
    record(Verb.RELEASE_ASKED, release_target(release), actor, tenant_id=tenant.pk, changes=changes, reason=reason)
    if release.state == ReleaseState.AWAITING_APPROVAL:
        announce(NoticeKind.RELEASE, release.pk, tenant.pk)
    return release


@atomic
def approve_release(actor: Actor, release: Release) -> Release:
    """Approve a release, which starts the waiting time; nobody approves their own. Raises ValidationError."""
    release = _to_decide(actor, release)
    _move(release, ReleaseState.WAITING, Verb.RELEASE_APPROVED, actor, due_at=_due(), **_decision(actor))
    announce(NoticeKind.RELEASE_DECIDED, release.pk, release.tenant_id)
    return release


@atomic
def decline_release(actor: Actor, release: Release, *, reason: str) -> Release:
    """Decline a release, with a reason; the number is kept. Raises ValidationError."""
    reason = validation.checked_text("reason", reason, needed="Say why you decline it. Whoever asked reads it.")
    release = _to_decide(actor, release)
    _move(release, ReleaseState.DECLINED, Verb.RELEASE_DECLINED, actor, sentence=reason, **_decision(actor))
    announce(NoticeKind.RELEASE_DECIDED, release.pk, release.tenant_id)
    return release


def note_release_decision(actor: Actor, release: Release) -> None:
    """Acknowledge the decision about one's own release; a repeat changes nothing."""
    if actor.user_id is None or actor.user_id != release.orderer.user_id:
        raise PermissionDenied
    mine = Release.objects.filter(pk=release.pk, decided_at__isnull=False, decision_noted_at=None)
    mine.update(decision_noted_at=timezone.now())


@atomic
def take_back_release(actor: Actor, release: Release) -> Release:
    """Take a release back before it is sent; a repeat changes nothing. Raises ValidationError."""
    require(actor, Right.RELEASE_NUMBER, release.tenant_id)
    release = _locked(release)
    if release.state == ReleaseState.TAKEN_BACK:
        return release
    if release.state not in RELEASE_NOT_SENT:
        raise ValidationError(
            f"This release is {release.get_state_display().lower()} already, so it cannot be taken back any more."
        )
    _move(release, ReleaseState.TAKEN_BACK, Verb.RELEASE_TAKEN_BACK, actor, sentence="The number is kept.")
    return release


def refuse_if_used(tenant: Tenant, number: str) -> None:
    """Raise ValidationError if a sender ID uses the number, or a registered hook reports a use."""
    if SenderId.objects.filter(tenant=tenant, number=number).exists():
        raise ValidationError(
            f"A sender ID of this tenant uses {phone_words(number)}. Remove it first, there and here; then release it."
        )
    if reasons := [reason for use in uses if (reason := use(tenant, number))]:
        raise ValidationError(reasons)


def _demand_typed(number: str, typed: str) -> None:
    try:
        same = validation.number(typed) == number
    except ValidationError:
        same = False
    if not same:
        raise ValidationError({"typed": f"Type the number once more: {phone_words(number)}. Nothing was released."})


def _new(  # noqa: PLR0913 - the columns of a release
    actor: Actor,
    tenant: Tenant,
    number: str,
    *,
    order: NumberOrder | None,
    access: Access,
    reason: str,
    waits: bool,
) -> Release:
    return Release(
        tenant=tenant,
        order=order,
        number=number,
        login_url=access.login_url,
        api_url=access.api_url,
        client_id=access.client_id,
        reason=reason,
        state=ReleaseState.AWAITING_APPROVAL if waits else ReleaseState.WAITING,
        due_at=None if waits else _due(),
        asked_at=timezone.now(),
        asked_by_id=actor.user_id,
        asked_by_label=actor.label,
        asked_by_kind=actor.kind,
        request_id=current().request_id,
    )


def _due() -> Any:
    return timezone.now() + timedelta(seconds=settings.ORDER_RELEASE_WAIT_SECONDS)


def _to_decide(actor: Actor, release: Release) -> Release:
    require(actor, Right.APPROVE_ORDER, release.tenant_id)
    release = _locked(release)
    refuse_own(actor, release)
    if release.state != ReleaseState.AWAITING_APPROVAL:
        raise ValidationError(f"This release is {release.get_state_display().lower()}; it waits for no approval.")
    return release


def _decision(actor: Actor) -> dict[str, Any]:
    return {"decided_at": timezone.now(), "decided_by_id": actor.user_id, "decided_by_label": actor.label}


def _locked(release: Release) -> Release:
    return Release.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=release.pk)


def _move(release: Release, to: ReleaseState, verb: Verb, actor: Actor, **facts: Any) -> None:
    try:
        transition_release(release, to, verb, actor, **facts)
    except Overtaken as error:
        raise ValidationError("The release moved on at this moment. Look at it again.") from error
