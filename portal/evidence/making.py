"""What the worker does for a pack: claim, write with progress, keep; and clearing away after a day."""

import hashlib
import time
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.audit.actors import Actor, ActorKind
from portal.audit.checkpoints.keys import KeyUnusable
from portal.audit.guarded import bookkeeping
from portal.audit.verifier.verify import Broken
from portal.evidence.actions import (
    KEPT,
    MAKE_TASK,
    file_of,
    folder_of_packs,
    labels_of,
    require_all,
    write_file,
)
from portal.evidence.models import Pack, PackState
from portal.evidence.packing import NothingToPack
from portal.evidence.selection import Period
from portal.evidence.zip_writer import TooLarge
from portal.wakeups import wake_after_commit

#: After such a silence another worker begins anew.
LEASE = timedelta(minutes=2)
#: So long a message is waited for before the sweeper sends another.
_PATIENCE = timedelta(seconds=30)
_TELL_SECONDS = 0.5


class Lost(RuntimeError):
    """Another worker has taken the pack over."""


def make_pack(pack_id: UUID) -> None:
    """Make the pack; does nothing if another worker has it."""
    pack = _claim(pack_id)
    if pack is None:
        return
    try:
        require_all(_actor(pack), pack.chains)
        write_file(file_of(pack), labels_of(pack.chains), Period(pack.begin, pack.end), _Teller(pack))
    except Lost:
        return
    except (PermissionDenied, KeyUnusable, TooLarge, NothingToPack) as error:
        _end(pack, PackState.FAILED, problem=str(error)[:500])
    except Broken as error:
        _end(pack, PackState.FAILED, problem=f"The last checkpoint was tampered with: {error}. Verify the history.")
    except OSError as error:
        _end(pack, PackState.FAILED, problem=f"The file could not be written ({error.strerror}).")
    else:
        _keep(pack)


def sweep() -> None:
    """Wake up packs that nobody makes, and delete files that were kept long enough."""
    now = timezone.now()
    for pk in Pack.objects.filter(_claimable(), asked_at__lt=now - _PATIENCE).values_list("pk", flat=True)[:100]:
        wake_after_commit(MAKE_TASK, pk)
    old = Pack.objects.filter(state=PackState.DONE, deleted_at=None, finished_at__lt=now - KEPT)
    for pack in old[:100]:
        try:
            file_of(pack).unlink(missing_ok=True)
        except OSError:
            continue  # the next sweep tries again
        with bookkeeping():  # every file goes after a day; who made one and who took it along are lines
            Pack.objects.filter(pk=pack.pk).update(deleted_at=now)
    _delete_leftovers(now)


def _delete_leftovers(now: datetime) -> None:
    """Delete what workers left that were killed: nothing in the folder is kept for longer than two days."""
    with suppress(OSError):  # the next sweep tries again
        for left in folder_of_packs().iterdir():
            if left.stat().st_mtime < (now - 2 * KEPT).timestamp():
                left.unlink(missing_ok=True)


def _claim(pack_id: UUID) -> Pack | None:
    """Return the pack with a lease of our own, or None if another worker has it."""
    lease = timezone.now() + LEASE
    file = f"{pack_id}.{int(lease.timestamp() * 1_000_000)}.zip"
    mine = Pack.objects.filter(_claimable(), pk=pack_id)
    with bookkeeping():  # that a worker has it is no news
        taken = mine.update(state=PackState.RUNNING, lease_until=lease, file=file, events_done=0)
    return Pack.objects.filter(pk=pack_id, lease_until=lease).first() if taken else None


class _Teller:
    """Writes down how far it is, now and then, which also keeps the lease."""

    def __init__(self, pack: Pack) -> None:
        self._pack = pack
        self._next = time.monotonic()

    def __call__(self, done: int, events: int) -> None:
        if time.monotonic() < self._next and done != events:
            return
        self._next = time.monotonic() + _TELL_SECONDS
        lease = timezone.now() + LEASE
        if not _held(self._pack).update(lease_until=lease, events_done=done, events_all=events):
            raise Lost
        self._pack.lease_until = lease


def _held(pack: Pack) -> QuerySet[Pack]:
    """Return the row while the lease under which it was read, or that was prolonged since, is ours."""
    return Pack.objects.filter(pk=pack.pk, state=PackState.RUNNING, lease_until=pack.lease_until)


def _claimable() -> Q:
    return Q(state=PackState.QUEUED) | Q(state=PackState.RUNNING, lease_until__lt=timezone.now())


def _actor(pack: Pack) -> Actor:
    kind = ActorKind.WORKER if pack.asked_by_id else ActorKind.COMMAND_LINE
    return Actor(kind, pack.asked_by_label, pack.asked_by_id)


def _keep(pack: Pack) -> None:
    file = file_of(pack)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    _end(pack, PackState.DONE, size=file.stat().st_size, sha256=digest)


def _end(pack: Pack, state: PackState, **facts: object) -> None:
    """Write down how it ended; who lost the lease meanwhile only takes their own file away."""
    ended = {"state": state, "lease_until": None, "finished_at": timezone.now(), **facts}
    with bookkeeping():  # a pack is a copy of what is known; asking for it and downloading it are lines
        is_ours = _held(pack).update(**ended)
    if not is_ours:
        file_of(pack).unlink(missing_ok=True)
