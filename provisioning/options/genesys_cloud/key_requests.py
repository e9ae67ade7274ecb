"""Key requests as queued work: a worker has the messaging cluster API key made, and the requester sees it once.

Each request is sent to Digital Channels at most once. `sent_at` is committed before that and tells the next worker that
a key may exist. Then nothing is sent again, and a person has to check.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from portal.accounts.permission import no_longer, require
from portal.accounts.rights import Right
from portal.audit.actors import Actor, worker_for
from portal.audit.commit_guard import unaudited
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.logging import redaction
from portal.core.tasks.claim import claim, held
from portal.core.tasks.failpoints import failpoint
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import GIVEN_UP, MOST_TRIES
from portal.core.tasks.sweeper import Kind as WorkKind
from portal.tenants.actions import refuse_if_archived
from portal.vault.actions import store_credential
from portal.vault.encryption import DecryptionError, decrypt, encrypt
from portal.vault.keyset import KeysetUnusable
from portal.vault.kinds import Kind
from provisioning.models import KeyRequest, KeyState, Setup
from provisioning.options.genesys_cloud.api_key import LOOK_FIRST, NAME, KeyNotMade, fetch_key, fetch_token

TASK = "provisioning.tasks.run_key_request"
_SILENT = f"The worker ended while it asked for the key. {LOOK_FIRST}"
_NOT_STORED = f"A key was made, but it could not be stored. {LOOK_FIRST}"


def newest(tenant_id: UUID) -> KeyRequest | None:
    """Return the tenant's last key request."""
    return KeyRequest.objects.filter(tenant_id=tenant_id).order_by("-number").first()


@sensitive_variables()
def ask_key(actor: Actor, setup: Setup, auth_url: str, secrets: dict[str, str], *, seen: int) -> KeyRequest:
    """Queue a key request, or return the one that a double click or another tab queued. Raises ValidationError.

    `seen` is the number of the last request that the form showed.
    """
    require(actor, Right.STORE_CREDENTIAL, setup.tenant_id)
    refuse_if_archived(setup.tenant)
    last = newest(setup.tenant_id)
    if last is not None and (last.is_live or last.number != seen):
        return last
    number = seen + 1 if last else 1
    asked = KeyRequest(tenant_id=setup.tenant_id, setup=setup, number=number, asked_by_id=actor.user_id)
    asked.asked_by_label = actor.label
    asked.sealed = encrypt(orjson.dumps({"authURL": auth_url, "secrets": secrets}), asked.place())
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
            record(Verb.CLUSTER_KEY_ASKED, _target(asked), actor, tenant_id=asked.tenant_id)
            send_task_on_commit(TASK, asked.pk)
    except IntegrityError:  # another request came at the same moment
        return KeyRequest.objects.get(tenant_id=setup.tenant_id, number=number)
    return asked


@sensitive_variables()
def make_key(request_id: UUID) -> None:
    """Have the key made, store it, and keep it to be shown. Does nothing if another worker has the request."""
    asked = _claim(request_id)
    if asked is None:
        return
    if asked.sent_at is not None:
        _end(asked, Verb.WORK_GIVEN_UP, _SILENT)
        return
    try:
        require(_asker(asked), Right.STORE_CREDENTIAL, asked.tenant_id)
        refuse_if_archived(asked.tenant)
        where = _opened(asked)
        token = fetch_token(asked.tenant_id, where["authURL"], where["secrets"], subject_id=asked.setup_id)
    except PermissionDenied:
        _end(asked, Verb.WORK_REFUSED, f"{no_longer(Right.STORE_CREDENTIAL)} No key was made.")
    except ValidationError as error:
        _end(asked, Verb.CLUSTER_KEY_NOT_MADE, f"{' '.join(error.messages)} No key was made.")
    except KeysetUnusable as error:
        _put_off_or_end(asked, str(error))
    except (DecryptionError, KeyNotMade) as error:
        _end(asked, Verb.CLUSTER_KEY_NOT_MADE, str(error))
    else:
        _ask_once(asked, token)


@sensitive_variables()
def _ask_once(asked: KeyRequest, token: str) -> None:
    with unaudited():  # asking for the key is already an event
        if not held(asked).update(sent_at=timezone.now()):
            return
    failpoint("key.sent")
    try:
        key = fetch_key(asked.tenant, token, subject_id=asked.setup_id)
    except KeyNotMade as error:
        _end(asked, Verb.CLUSTER_KEY_NOT_MADE, str(error))
        return
    failpoint("key.answered")
    try:
        _keep(asked, key)
    except (KeysetUnusable, PermissionDenied) as error:
        _end(asked, Verb.CLUSTER_KEY_NOT_MADE, f"{error} {_NOT_STORED}")


@sensitive_variables()
@atomic
def _keep(asked: KeyRequest, key: str) -> None:
    """Store the key, even if the lease has expired: no other worker sends this request."""
    actor = _asker(asked)
    store_credential(actor, asked.tenant_id, Kind.CLUSTER_API_KEY, key)
    ended = {"state": KeyState.MADE, "lease_until": None, "finished_at": timezone.now(), "sentence": ""}
    KeyRequest.objects.filter(pk=asked.pk).update(sealed=encrypt(key.encode(), asked.place()), **ended)
    record(Verb.CLUSTER_KEY_MADE, _target(asked), actor, tenant_id=asked.tenant_id)


@sensitive_variables()
@atomic
def show_key(actor: Actor, asked: KeyRequest) -> str:
    """Return the key to the requester, once. Raises ValidationError, DecryptionError and KeysetUnusable."""
    require(actor, Right.STORE_CREDENTIAL, asked.tenant_id)
    asked = KeyRequest.objects.select_for_update(of=("self",)).get(pk=asked.pk)
    if not asked.can_be_shown_to(actor.user_id):
        raise ValidationError("The key was shown already, or somebody else asked for it.")
    key = decrypt(asked.sealed or b"", asked.place()).decode()
    redaction.remember_secret({Kind.CLUSTER_API_KEY.value: key})
    KeyRequest.objects.filter(pk=asked.pk).update(sealed=None)
    record(Verb.CREDENTIAL_REVEALED, _target(asked), actor, tenant_id=asked.tenant_id)
    return key


def requests_to_claim(now: datetime) -> QuerySet[KeyRequest]:
    """Return the requests that a worker may claim: queued ones, and those whose lease has expired."""
    silent = Q(state=KeyState.RUNNING, lease_until__lt=now)
    return KeyRequest.objects.filter(Q(state=KeyState.QUEUED) | silent)


def _claim(request_id: UUID) -> KeyRequest | None:
    now = timezone.now()
    until = now + timedelta(seconds=settings.SETUP_LEASE_SECONDS)
    with unaudited():  # a claim needs no event; its result gets one
        return claim(requests_to_claim(now), request_id, lease_until=until, related=["tenant"], state=KeyState.RUNNING)


def give_up(request_id: UUID) -> None:
    """Fail a request that was claimed too often."""
    if (asked := _claim(request_id)) is not None:
        why = GIVEN_UP.format(tries=asked.tries - 1)
        _end(asked, Verb.WORK_GIVEN_UP, f"{why} {LOOK_FIRST if asked.sent_at else 'No key was made.'}")


KIND = WorkKind(
    "cluster keys",
    TASK,
    requests_to_claim,
    give_up,
    patience=lambda: timedelta(seconds=settings.SETUP_REPUBLISH_SECONDS),
    asked="asked_at",
)


def _put_off_or_end(asked: KeyRequest, why: str) -> None:
    if asked.tries >= MOST_TRIES:
        _end(asked, Verb.CLUSTER_KEY_NOT_MADE, f"{why} No key was made.")
        return
    with unaudited():  # only the lease changes
        held(asked).update(state=KeyState.QUEUED, lease_until=None, published_at=timezone.now())


@atomic
def _end(asked: KeyRequest, verb: Verb, sentence: str) -> None:
    """Record why there is no key and delete the credentials, unless another worker has the request."""
    ended = {"state": KeyState.FAILED, "lease_until": None, "finished_at": timezone.now(), "sealed": None}
    if held(asked).update(sentence=sentence, **ended):
        record(verb, _target(asked), _asker(asked), tenant_id=asked.tenant_id, reason=sentence)


@sensitive_variables()
def _opened(asked: KeyRequest) -> dict[str, Any]:
    opened: dict[str, Any] = orjson.loads(decrypt(asked.sealed or b"", asked.place()))
    redaction.remember_secret(opened["secrets"])
    return opened


def _asker(asked: KeyRequest) -> Actor:
    return worker_for(asked.asked_by_id, asked.asked_by_label)


def _target(asked: KeyRequest) -> Target:
    return Target("api key", str(asked.pk), NAME)
