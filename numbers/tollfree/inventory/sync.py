"""Inventory refresh: reads a tenant's numbers from Genesys Cloud, on request and on schedule, one worker at a time."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import Q, QuerySet
from django.utils import timezone

from genesys_cloud import diagnosis
from genesys_cloud.access import Access, access_of
from genesys_cloud.client import list_tollfree
from genesys_cloud.responses import TollfreeNumber
from genesys_cloud.tokens import UNASKABLE, token_for
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import SYSTEM, Actor, ActorKind
from portal.audit.context import acting
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.claim import claim, held, is_free
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import GIVEN_UP, MOST_TRIES
from portal.core.tasks.sweeper import Kind as WorkKind
from portal.http_client.errors import OutboundError
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.vault.encryption import DecryptionError
from portal.vault.keyset import KeysetUnusable
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from tollfree.inventory.models import InventoryRefresh, OwnedNumber
from tollfree.inventory.reconciliation import reconcile
from tollfree.orders.worker.late_evidence import weigh_list

TASK = "tollfree.tasks.refresh_inventory"
NOT_SET_UP = "SMS through Genesys Cloud CX is not set up for this tenant, so nobody can be asked for its numbers."
#: Longer than two tokens and two lists can take, each up to its deadline.
LEASE = timedelta(minutes=5)
_KEPT = "What was known before is kept."
#: Number of tenants that one sweep queues; the next sweep takes the rest.
MOST_AT_ONCE = 200


class CannotLook(Exception):
    """The list could not be read; the text is a message for users."""


def refresh(refresh_id: UUID) -> None:
    """Read the list and apply it; does nothing if another worker has claimed the refresh or finished it."""
    claimed = _claim(refresh_id)
    if claimed is None:
        return
    with acting(claimed.request_id):
        try:
            access, seen = _look(claimed)
        except KeysetUnusable as error:
            _put_off_or_close(claimed, str(error))
        except CannotLook as error:
            _close(claimed, ok=False, sentence=f"{error} {_KEPT}")
        else:
            _take_over_or_again(claimed, access, seen)
            _weigh(access, seen)


def _weigh(access: Access, seen: list[TollfreeNumber]) -> None:
    """Reopen orders closed as not placed whose numbers are listed, except numbers that a user has explained."""
    rows = OwnedNumber.objects.filter(tenant_id=access.tenant_id, explained_at__isnull=False)
    explained = set(rows.values_list("number", flat=True))
    weigh_list(access, [each for each in seen if each.number not in explained])


@atomic
def ask_for_all() -> int:
    """Queue a refresh for every tenant that is due; return how many."""
    now = timezone.now()
    _make_rows()
    late = now - timedelta(seconds=settings.INVENTORY_REFRESH_SECONDS)
    due = Q(asked_at=None, tenant__archived_at=None) & (Q(finished_at=None) | Q(finished_at__lt=late))
    # A row that is locked now is being queued or finished at this moment, so it can be skipped.
    free = InventoryRefresh.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    asking = [row.pk for row in free.filter(due).order_by("finished_at")[:MOST_AT_ONCE]]
    asked = {"asked_at": now, "asked_by": None, "asked_by_label": SYSTEM.label, "asked_by_kind": SYSTEM.kind}
    work = {"published_at": now, "tries": 0}
    InventoryRefresh.objects.filter(pk__in=asking, asked_at=None).update(**asked, **work, request_id="")
    for pk in asking:
        send_task_on_commit(TASK, pk)
    return len(asking)


def _make_rows() -> None:
    """Create the missing rows of tenants with a Genesys Cloud client: the schedule reads the rows."""
    with_client = Credential.objects.filter(kind=Kind.CLIENT_SECRET, draft="").values("tenant_id")
    missing = Tenant.objects.filter(pk__in=with_client, archived_at=None, inventory_refresh=None)
    rows = [InventoryRefresh(tenant_id=pk) for pk in missing.order_by("pk").values_list("pk", flat=True)]
    InventoryRefresh.objects.bulk_create(rows, ignore_conflicts=True)


def refreshes_to_claim(now: datetime) -> QuerySet[InventoryRefresh]:
    """Return the queued refreshes that no worker has claimed."""
    return InventoryRefresh.objects.filter(is_free(now), asked_at__isnull=False)


def _claim(refresh_id: UUID) -> InventoryRefresh | None:
    now = timezone.now()
    return claim(refreshes_to_claim(now), refresh_id, lease_until=now + LEASE, related=["tenant"])


def _put_off_or_close(claimed: InventoryRefresh, why: str) -> None:
    """End the lease without a result, so that the sweeper tries again; after too many tries, end the refresh."""
    if claimed.tries < MOST_TRIES:
        sentence = f"{why} It is tried again by itself."
        held(claimed).update(lease_until=None, published_at=timezone.now(), sentence=sentence)
    else:
        _close(claimed, ok=False, sentence=f"{why} {_KEPT}")


@atomic
def give_up(refresh_id: UUID) -> None:
    """End a refresh that was started too often."""
    if (claimed := _claim(refresh_id)) is None:
        return
    why = GIVEN_UP.format(tries=claimed.tries - 1)
    if _close(claimed, ok=False, sentence=f"{why} {_KEPT}"):
        target = Target("tenant", str(claimed.tenant_id), f"refreshing the numbers of {claimed.tenant.name}")
        record(Verb.WORK_GIVEN_UP, target, SYSTEM, tenant_id=claimed.tenant_id, reason=why)


KIND = WorkKind(
    "refreshes of numbers",
    TASK,
    refreshes_to_claim,
    give_up,
    patience=lambda: timedelta(seconds=settings.SETUP_REPUBLISH_SECONDS),
    asked="asked_at",
)


def _look(claimed: InventoryRefresh) -> tuple[Access, list[TollfreeNumber]]:
    """Return the client and its list; raises CannotLook. Rights are checked again, as they may have changed since."""
    try:
        require(actor_of(claimed), Right.MANAGE_NUMBERS, claimed.tenant_id)
        refuse_if_archived(claimed.tenant)
        access = access_of(claimed.tenant)
    except (PermissionDenied, DecryptionError) as error:
        raise CannotLook(str(error)) from error
    except ValidationError as error:
        raise CannotLook(" ".join(error.messages)) from error
    if access is None:
        raise CannotLook(NOT_SET_UP)
    return access, _ask(access, claimed.pk)


def _ask(access: Access, subject_id: UUID) -> list[TollfreeNumber]:
    try:
        token = token_for(access, subject_id=subject_id)
    except OutboundError as error:
        raise CannotLook(diagnosis.of_token(access, error).sentence) from error
    except KeysetUnusable:
        raise
    except UNASKABLE as error:
        raise CannotLook(str(error)) from error
    try:
        return list_tollfree(access, token=token, subject_id=subject_id)
    except OutboundError as error:
        raise CannotLook(diagnosis.of_list(access, error).sentence) from error


def _take_over_or_again(claimed: InventoryRefresh, access: Access, seen: list[TollfreeNumber]) -> None:
    """Apply the list; retry once if an order that completed at the same moment created the same row."""
    try:
        _take_over(claimed, access, seen)
    except IntegrityError:
        _take_over(claimed, access, seen)


@atomic
def _take_over(claimed: InventoryRefresh, access: Access, seen: list[TollfreeNumber]) -> None:
    """Apply the list in one transaction, unless the lease expired and another worker has the refresh."""
    if _close(claimed, ok=True, sentence="", client_id=access.client_id):
        news = reconcile(actor_of(claimed), access, seen)
        InventoryRefresh.objects.filter(pk=claimed.pk).update(sentence=news)


def _close(claimed: InventoryRefresh, *, ok: bool, sentence: str, **more: str) -> bool:
    now = timezone.now()
    fields = {"ok": ok, "sentence": sentence, "finished_at": now} | ({"good_at": now} if ok else {}) | more
    return bool(held(claimed).update(asked_at=None, lease_until=None, **fields))


def actor_of(claimed: InventoryRefresh) -> Actor:
    """Return the worker as actor, on behalf of the user who requested the refresh, or of the portal itself."""
    return Actor(ActorKind(claimed.asked_by_kind), claimed.asked_by_label, claimed.asked_by_id).at_work()
