"""Webhook test: the portal calls the customer's gateway as Digital Channels would.

It sends a correctly signed sample with the custom headers, then one with a wrong signature. The signature is
`X-Hub-Signature: sha1=<hex HMAC-SHA1 of the raw body>` (documentation of the Third-Party Messaging API). The fields of
the sample are inferred.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.accounts.permission import no_longer, require
from portal.accounts.rights import Right
from portal.audit.actors import Actor, worker_for
from portal.audit.commit_guard import unaudited
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.claim import claim, held
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import GIVEN_UP, MOST_TRIES
from portal.core.tasks.sweeper import Kind as WorkKind
from portal.http_client.call_log import exchange
from portal.http_client.destinations import Destination
from portal.http_client.errors import OutboundError
from portal.http_client.messages import Answer, Request
from portal.http_client.rendering import json_text
from portal.tenants.actions import refuse_if_archived
from portal.vault.actions import CredentialElsewhere, CredentialMissing, reveal_for_sending
from portal.vault.binding import Binding
from portal.vault.encryption import DecryptionError
from portal.vault.keyset import KeysetUnusable
from portal.vault.kinds import Kind
from provisioning.models import Rehearsal, RehearsalState, Setup
from provisioning.options.custom_gateway.webhook_grading import grade
from provisioning.wizard.drafts import answers_of, clear_if_undecryptable, draft_of

TASK = "provisioning.tasks.run_rehearsal"
_ANSWER_FIRST = "Answer the step “Gateway” first: the rehearsal needs its webhook URL and its key."
SIGNATURE = "X-Hub-Signature"


@atomic
def ask_rehearsal(actor: Actor, setup: Setup) -> Rehearsal:
    """Queue a test and return it, or the one that is queued or running already. Raises ValidationError."""
    require(actor, Right.RUN_SETUP, setup.tenant_id)
    refuse_if_archived(setup.tenant)
    if sentence := clear_if_undecryptable(setup):
        raise ValidationError(sentence)
    _url(setup)
    live = Rehearsal.objects.filter(~Q(state=RehearsalState.DONE), setup=setup).first()
    if live:
        return live
    try:
        with transaction.atomic():
            asked = Rehearsal.objects.create(setup=setup, asked_by_id=actor.user_id, asked_by_label=actor.label)
    except IntegrityError:  # another request came at the same moment
        return Rehearsal.objects.get(~Q(state=RehearsalState.DONE), setup=setup)
    target = Target("rehearsal", str(asked.pk), f"webhook of {setup.tenant.name}")
    record(Verb.REHEARSAL_ASKED, target, actor, tenant_id=setup.tenant_id)
    send_task_on_commit(TASK, asked.pk)
    return asked


def rehearse(rehearsal_id: UUID) -> None:
    """Send both samples and save the grades. Does nothing if another worker has the test."""
    rehearsal = _claim(rehearsal_id)
    if rehearsal is None:
        return
    try:
        require(_actor(rehearsal), Right.RUN_SETUP, rehearsal.setup.tenant_id)
    except PermissionDenied:
        why = no_longer(Right.RUN_SETUP)
        _finish(rehearsal, _only(why), Verb.WORK_REFUSED, why)
        return
    try:
        grades = _grades(rehearsal)
    except KeysetUnusable as error:
        if rehearsal.tries < MOST_TRIES:
            _put_off(rehearsal)
            return
        grades = _only(str(error))
    _finish(rehearsal, grades, Verb.WEBHOOK_REHEARSED)


def _actor(rehearsal: Rehearsal) -> Actor:
    return worker_for(rehearsal.asked_by_id, rehearsal.asked_by_label)


def _grades(rehearsal: Rehearsal) -> list[dict[str, str]]:
    """Return the grades of both calls, or the one reason why nothing was sent."""
    try:
        refuse_if_archived(rehearsal.setup.tenant)
        return _play(rehearsal)
    except CredentialElsewhere as error:
        return _only(str(error))
    except CredentialMissing:
        return _only(f"There is no {Kind.GATEWAY_WEBHOOK_KEY.label} yet. {_ANSWER_FIRST}")
    except DecryptionError as error:
        return _only(str(error))
    except ValidationError as error:
        return _only(" ".join(error.messages))


def signature(key: str, body: bytes) -> str:
    """Return the value of X-Hub-Signature for a body."""
    return f"sha1={hmac.new(key.encode(), body, hashlib.sha1).hexdigest()}"


def claimable(now: datetime) -> QuerySet[Rehearsal]:
    """Return the tests that a worker may claim: queued ones, and those whose lease has expired."""
    silent = Q(state=RehearsalState.RUNNING, lease_until__lt=now)
    return Rehearsal.objects.filter(Q(state=RehearsalState.QUEUED) | silent)


def _claim(rehearsal_id: UUID) -> Rehearsal | None:
    now = timezone.now()
    until = now + timedelta(seconds=settings.SETUP_LEASE_SECONDS)
    with unaudited():  # a claim needs no event; its result gets one
        return claim(
            claimable(now),
            rehearsal_id,
            lease_until=until,
            related=["setup__tenant"],
            state=RehearsalState.RUNNING,
        )


def _put_off(rehearsal: Rehearsal) -> None:
    """Requeue the test for a later try by the sweeper."""
    with unaudited():  # only the lease changes
        held(rehearsal).update(state=RehearsalState.QUEUED, lease_until=None, published_at=timezone.now())


def give_up(rehearsal_id: UUID) -> None:
    """Finish a test that was claimed too often."""
    if (rehearsal := _claim(rehearsal_id)) is not None:
        why = GIVEN_UP.format(tries=rehearsal.tries - 1)
        _finish(rehearsal, _only(why, sent="Whether anything was sent is in its requests."), Verb.WORK_GIVEN_UP, why)


KIND = WorkKind(
    "webhook tests",
    TASK,
    claimable,
    give_up,
    patience=lambda: timedelta(seconds=settings.SETUP_REPUBLISH_SECONDS),
    asked="asked_at",
)


def _play(rehearsal: Rehearsal) -> list[dict[str, str]]:
    """Return the grades of both calls. The wrong signature is made with a random key."""
    url = _url(rehearsal.setup)
    uses = {Kind.GATEWAY_WEBHOOK_KEY: Binding.to(url)}
    draft = draft_of(rehearsal.setup)
    found = reveal_for_sending(rehearsal.setup.tenant_id, uses, sent_to=[url], draft=draft)
    key = found[Kind.GATEWAY_WEBHOOK_KEY.value]
    signed = _send(rehearsal, "rehearse a signed message", key)
    forged = _send(rehearsal, "rehearse a wrongly signed message", secrets.token_hex(32))
    return grade(url, signed, forged)


def _url(setup: Setup) -> str:
    """Return the webhook's URL. Raises ValidationError if the draft has none or was discarded."""
    try:
        return str(answers_of(setup)["asyncWebhookURL"])
    except KeyError:
        raise ValidationError(_ANSWER_FIRST) from None


def _send(rehearsal: Rehearsal, purpose: str, key: str) -> Answer | OutboundError:
    answers = answers_of(rehearsal.setup)
    body = _sample(answers["asyncPhoneNumber"][0])
    headers = dict(answers.get("headers", []))
    headers[SIGNATURE] = signature(key, json_text(body).encode())
    request = Request(Destination.WEBHOOK, purpose, "POST", answers["asyncWebhookURL"], headers=headers, json=body)
    try:
        return exchange(request, {}, tenant_id=rehearsal.setup.tenant_id, subject_id=rehearsal.pk)
    except OutboundError as error:
        return error


def _sample(channel_id: str) -> dict[str, str]:
    """Return an outbound message to a number that nobody has (555-0100 to 0199 are reserved for examples)."""
    text = "Rehearsal by the SMS portal: please do not send this on."
    return {"id": str(uuid4()), "channelId": channel_id, "to": "12025550100", "type": "text", "text": text}


def _only(sentence: str, *, sent: str = "Nothing was sent.") -> list[dict[str, str]]:
    return [{"title": "Rehearsal", "tone": "bad", "sentence": f"{sent} {sentence}"}]


@atomic
def _finish(rehearsal: Rehearsal, grades: list[dict[str, str]], verb: Verb, why: str = "") -> None:
    """Save the grades, unless the lease has expired and another worker has the test."""
    mine = held(rehearsal).filter(state=RehearsalState.RUNNING)
    now = timezone.now()
    if not mine.update(state=RehearsalState.DONE, lease_until=None, finished_at=now, grades=grades):
        return
    record(
        verb,
        Target("rehearsal", str(rehearsal.pk), f"webhook of {rehearsal.setup.tenant.name}"),
        _actor(rehearsal),
        tenant_id=rehearsal.setup.tenant_id,
        changes={each["title"]: [None, each["tone"]] for each in grades},
        reason=why,
    )
