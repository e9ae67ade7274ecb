"""Actions on requests to the Genesys representative: send, answer, reply, withdraw."""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from portal.accounts.models import Membership, User
from portal.accounts.permission import may_anywhere, require, tenants_within_reach
from portal.accounts.rights import BY_ROLE, Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.notifications.mailing import announce
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from senders.phone_numbers import is_toll_free, parse
from tollfree.requests.models import ANSWERS, PENDING, NumberRequest, RequestKind, RequestState

LONGEST_TEXT = 4000

#: Kinds of request that concern an existing number.
ABOUT_A_NUMBER = frozenset({RequestKind.EXISTING_NUMBER, RequestKind.TEXT_ENABLING})


@atomic
def send_request(actor: Actor, tenant: Tenant, *, kind: RequestKind, number: str = "", note: str = "") -> NumberRequest:
    """Send a request to the representative's inbox. Raises ValidationError."""
    require(actor, Right.ASK_REPRESENTATIVE, tenant.pk)
    refuse_if_archived(Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk))
    asked = NumberRequest(
        tenant=tenant,
        kind=kind,
        number=_number(kind, number),
        note=note,
        asked_at=timezone.now(),
        asked_by_id=actor.user_id,
        asked_by_label=actor.label,
    )
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(
            "The same request is open already; the representative has not answered it yet."
        ) from error
    changes = {"kind": [None, kind.label], "number": [None, asked.number or None], "note": [None, note or None]}
    record(Verb.REQUEST_SENT, target(asked), actor, tenant_id=tenant.pk, changes=changes)
    announce("request", asked.pk, tenant.pk)
    return asked


@atomic
def answer_request(actor: Actor, asked: NumberRequest, *, state: RequestState, answer: str) -> NumberRequest:
    """Answer a request: done, declined, or answered with a question. Raises ValidationError."""
    require(actor, Right.ANSWER_REQUEST, asked.tenant_id)
    asked = _locked(asked.pk)
    if state not in ANSWERS:
        raise ValidationError({"state": "Choose done, answered or declined."})
    if not answer.strip() and state != RequestState.DONE:
        raise ValidationError({"answer": "Say what is still needed, or why not."})
    _demand_pending(asked)
    changes = {"state": [asked.state, state.value], "answer": [asked.answer or None, answer]}
    asked.state, asked.answer, asked.answered_at = state, answer, timezone.now()
    asked.answered_by_id, asked.answered_by_label = actor.user_id, actor.label
    asked.save()
    record(Verb.REQUEST_ANSWERED, target(asked), actor, tenant_id=asked.tenant_id, changes=changes)
    if state == RequestState.ANSWERED:
        announce("question", asked.pk, asked.tenant_id)
    return asked


@atomic
def reply_to_request(actor: Actor, asked: NumberRequest, *, reply: str) -> NumberRequest:
    """Reply to the representative's question, which returns the request to their inbox. Raises ValidationError."""
    require(actor, Right.ASK_REPRESENTATIVE, asked.tenant_id)
    asked = _locked(asked.pk)
    _demand_pending(asked)
    if asked.state != RequestState.ANSWERED:
        raise ValidationError("The representative has not answered it yet: there is nothing to reply to.")
    if not reply.strip():
        raise ValidationError({"reply": "Write what the representative asked for."})
    changes = {"state": [asked.state, RequestState.OPEN.value], "reply": [asked.reply or None, reply]}
    asked.state, asked.reply, asked.replied_at = RequestState.OPEN, reply, timezone.now()
    asked.replied_by_id, asked.replied_by_label = actor.user_id, actor.label
    try:
        with transaction.atomic():
            asked.save()
    except IntegrityError as error:
        raise ValidationError("The same was asked anew meanwhile, and is open: withdraw one of the two.") from error
    record(Verb.REQUEST_REPLIED, target(asked), actor, tenant_id=asked.tenant_id, changes=changes)
    announce("request", asked.pk, asked.tenant_id)
    return asked


@atomic
def withdraw_request(actor: Actor, asked: NumberRequest) -> NumberRequest:
    """Withdraw a pending request; withdrawing it again changes nothing. Raises ValidationError."""
    require(actor, Right.ASK_REPRESENTATIVE, asked.tenant_id)
    asked = _locked(asked.pk)
    if asked.state == RequestState.WITHDRAWN:
        return asked
    _demand_pending(asked)
    changes = {"state": [asked.state, RequestState.WITHDRAWN.value]}
    asked.state = RequestState.WITHDRAWN
    asked.save()
    record(Verb.REQUEST_WITHDRAWN, target(asked), actor, tenant_id=asked.tenant_id, changes=changes)
    return asked


def takes_part(user: User) -> bool:
    """Return whether the user may send or answer requests in any tenant; auditors read them on the tenants' pages."""
    return any(may_anywhere(user, right) for right in (Right.ASK_REPRESENTATIVE, Right.ANSWER_REQUEST))


def open_requests(user: User) -> QuerySet[NumberRequest]:
    """Return the open requests that this user may answer."""
    mine = Tenant.objects.filter(tenants_within_reach(user, Right.ANSWER_REQUEST), archived_at=None)
    return NumberRequest.objects.filter(tenant__in=mine, state=RequestState.OPEN)


def open_questions(user: User) -> QuerySet[NumberRequest]:
    """Return the requests that wait for a reply from this user's side."""
    mine = Tenant.objects.filter(tenants_within_reach(user, Right.ASK_REPRESENTATIVE), archived_at=None)
    return NumberRequest.objects.filter(tenant__in=mine, state=RequestState.ANSWERED)


def unheard_requests(user: User) -> QuerySet[NumberRequest]:
    """Return the open requests of tenants without a representative, if this user may add one."""
    mine = Tenant.objects.filter(tenants_within_reach(user, Right.MANAGE_PEOPLE), archived_at=None)
    nobody = ~Exists(_representatives().filter(tenant_id=OuterRef("tenant_id")))
    return NumberRequest.objects.filter(nobody, tenant__in=mine, state=RequestState.OPEN)


def has_representative(tenant_id: UUID) -> bool:
    """Return whether anyone can answer this tenant's requests."""
    return _representatives().filter(tenant_id=tenant_id).exists()


def _representatives() -> QuerySet[Membership]:
    return Membership.objects.filter(role__in=BY_ROLE[Right.ANSWER_REQUEST], user__is_active=True)


def target(asked: NumberRequest) -> Target:
    """Return the request as an event's target."""
    return Target("request", str(asked.pk), str(asked))


def _locked(pk: UUID) -> NumberRequest:
    return NumberRequest.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=pk)


def _demand_pending(asked: NumberRequest) -> None:
    refuse_if_archived(asked.tenant)
    if asked.state not in PENDING:
        raise ValidationError(f"This request is {asked.get_state_display().lower()} already.")


def _number(kind: RequestKind, text: str) -> str:
    """Return the number's digits; raises ValidationError if a number is missing, or does not fit the kind."""
    if kind in ABOUT_A_NUMBER:
        if not text.strip():
            raise ValidationError({"number": "Enter the number that this is about."})
        try:
            return parse(text).digits
        except ValidationError as error:
            raise ValidationError({"number": error.messages}) from error
    if text.strip() and kind == RequestKind.ORGANISATION:
        raise ValidationError({"number": "An organisation has no number: leave this empty."})
    if text.strip() and kind == RequestKind.TOLL_FREE:
        return _toll_free(text)
    if text.strip():
        raise ValidationError({"number": "A new short code has no number yet: write what you wish into the note."})
    return ""


def _toll_free(text: str) -> str:
    """Return the digits of the desired toll-free number; raises ValidationError if it is not toll-free."""
    try:
        digits = parse(text).digits
    except ValidationError as error:
        raise ValidationError({"number": error.messages}) from error
    if not is_toll_free(digits):
        raise ValidationError({"number": "This is no toll-free number: they begin with 800, 833, 844, 855 and so on."})
    return digits
