"""Evidence pack worker: claim, write with progress, complete; and deletion of old files."""

import hashlib
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils import timezone

from portal.audit.actors import Actor, worker_for
from portal.audit.checkpoints.keys import KeyUnusable
from portal.audit.commit_guard import unaudited
from portal.audit.models import SITE_CHAIN
from portal.audit.recording import NewEvent, Target, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.audit.verifier.verify import Broken
from portal.core.isolation import alone
from portal.core.tasks.claim import claim, held
from portal.core.tasks.sweeper import GIVEN_UP, MOST_AT_ONCE, Kind, each_alone
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
from portal.evidence.pack_contents import NothingToPack, TooLarge
from portal.evidence.selection import Period

log = logging.getLogger(__name__)

#: After this time without progress another worker starts again.
LEASE = timedelta(minutes=2)
#: How long the sweeper waits for a message before it sends another one.
_PATIENCE = timedelta(seconds=30)
_TELL_SECONDS = 0.5


class Lost(RuntimeError):
    """Another worker has claimed the pack."""


def make_pack(pack_id: UUID) -> None:
    """Create the pack; does nothing if another worker has claimed it."""
    pack = _claim(pack_id)
    if pack is None:
        return
    try:
        require_all(_actor(pack), pack.chains)
        write_file(file_of(pack), labels_of(pack.chains), Period(pack.begin, pack.end), _Teller(pack))
        _keep(pack)
    except Lost:
        return
    except (PermissionDenied, KeyUnusable, TooLarge, NothingToPack) as error:
        _end(pack, PackState.FAILED, problem=str(error)[:500])
    except Broken as error:
        _end(pack, PackState.FAILED, problem=f"The last checkpoint was tampered with: {error}. Verify the history.")
    except OSError as error:
        _end(pack, PackState.FAILED, problem=f"The file could not be written ({error.strerror}).")
    except Exception as error:
        log.exception("evidence pack %s was not made", pack.pk)
        _note_failed_try(pack, error)


def clear_away() -> None:
    """Delete files after their retention period."""
    now = timezone.now()
    old = Pack.objects.filter(state=PackState.DONE, deleted_at=None, finished_at__lt=now - KEPT)
    each_alone("old pack", old[:MOST_AT_ONCE], _delete_file)
    _delete_leftovers(now)


def _delete_file(pack: Pack) -> None:
    file_of(pack).unlink(missing_ok=True)
    with unaudited():  # files expire after a day; the request and each download have their own events
        Pack.objects.filter(pk=pack.pk).update(deleted_at=timezone.now())


def _delete_leftovers(now: datetime) -> None:
    """Delete files left behind by killed workers: nothing in the folder is kept longer than two days."""
    oldest = (now - 2 * KEPT).timestamp()
    with suppress(FileNotFoundError):  # the folder does not exist before the first pack
        each_alone("leftover", folder_of_packs().iterdir(), lambda left: _delete_if_older(left, oldest))


def _delete_if_older(left: Path, oldest: float) -> None:
    with suppress(FileNotFoundError):  # deleted by another process
        if left.stat().st_mtime < oldest:
            left.unlink()


def _claim(pack_id: UUID) -> Pack | None:
    """Claim the pack and return it, or None if another worker has it."""
    now = timezone.now()
    lease = now + LEASE
    file = f"{pack_id}.{int(lease.timestamp() * 1_000_000)}.zip"
    with unaudited():  # a claim needs no event
        return claim(packs_to_claim(now), pack_id, lease_until=lease, state=PackState.RUNNING, file=file, events_done=0)


def give_up(pack_id: UUID) -> None:
    """Give up a pack after too many attempts."""
    if (pack := _claim(pack_id)) is None:
        return
    _fail(pack, GIVEN_UP.format(tries=pack.tries - 1))


def _note_failed_try(pack: Pack, error: Exception) -> None:
    """Say why this try failed; the next one begins when the lease is over, and the last one ends the pack."""
    why = (
        f"Something unforeseen went wrong ({type(error).__name__}), try {pack.tries} of {KIND.most_tries}. "
        "The portal's log says why."
    )
    if pack.tries >= KIND.most_tries:
        _fail(pack, f"{why} It is not tried again by itself.")
        return
    with unaudited():  # it is not over
        _held(pack).update(problem=f"{why} It is tried again by itself.")


def _fail(pack: Pack, why: str) -> None:
    # If it is the list of chains that cannot be read, the pack ends all the same, with the message on its page.
    lines = alone(f"events of evidence pack {pack.pk}", lambda: _lines(pack, why), [])
    _end_with_events(pack, why, lines)


@atomic
def _end_with_events(pack: Pack, why: str, lines: Sequence[NewEvent]) -> None:
    if _end(pack, PackState.FAILED, problem=why):
        record_many(lines, _actor(pack))


def _lines(pack: Pack, why: str) -> list[NewEvent]:
    return [_line(pack, chain, label, why) for chain, label in labels_of(pack.chains).items()]


def _line(pack: Pack, chain: str, label: str, why: str) -> NewEvent:
    tenant_id = None if chain == SITE_CHAIN else UUID(chain)
    return NewEvent(Verb.WORK_GIVEN_UP, Target("evidence pack", str(pack.pk), label), tenant_id, reason=why)


class _Teller:
    """Progress callback: stores the progress at intervals, which also renews the lease."""

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
    return held(pack).filter(state=PackState.RUNNING)


def packs_to_claim(now: datetime) -> QuerySet[Pack]:
    """Return the packs that are queued, and those whose lease has expired."""
    return Pack.objects.filter(Q(state=PackState.QUEUED) | Q(state=PackState.RUNNING, lease_until__lt=now))


KIND = Kind("evidence packs", MAKE_TASK, packs_to_claim, give_up, patience=lambda: _PATIENCE, asked="asked_at")


def _actor(pack: Pack) -> Actor:
    return worker_for(pack.asked_by_id, pack.asked_by_label)


def _keep(pack: Pack) -> None:
    file = file_of(pack)
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    _end(pack, PackState.DONE, problem="", size=file.stat().st_size, sha256=digest)


def _end(pack: Pack, state: PackState, **facts: object) -> bool:
    """Store the result and return True; if the lease was lost, delete our own file and return False."""
    ended = {"state": state, "lease_until": None, "finished_at": timezone.now(), **facts}
    with unaudited():  # a pack is a copy of recorded data; the request and each download have their own events
        is_ours = bool(_held(pack).update(**ended))
    if not is_ours:
        file_of(pack).unlink(missing_ok=True)
    return is_ours
