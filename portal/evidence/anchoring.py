"""Anchoring: sign the next checkpoint and append it to the folder. Problems appear on the operations page."""

import logging
from uuid import UUID

from django.utils import timezone

from portal.audit.checkpoints import folder, keys, signing
from portal.audit.models import Checkpoint
from portal.audit.verifier.verify import Broken
from portal.core.tasks.publish import send_task_on_commit
from portal.evidence.models import Anchoring

log = logging.getLogger(__name__)
TASK = "portal.evidence.tasks.checkpoint"
#: A wake-up message needs an id, and a checkpoint has no row before it is signed.
_NO_ROW = UUID(int=0)
_TAMPERED = "The last checkpoint in the database was tampered with. Verify the history."


def anchor(*, even_if_quiet: bool = False) -> Checkpoint | None:
    """Sign a checkpoint if one is due, append the missing ones to the folder, and store the result.

    If none can be signed, earlier ones are still appended.
    """
    made, not_made = _make(even_if_quiet=even_if_quiet)
    in_folder, not_there = (0, "") if not_made == _TAMPERED else _append()
    trouble = " ".join(filter(None, [not_made, not_there]))
    if trouble:
        log.error("checkpoint: %s", trouble)
    Anchoring.objects.update_or_create(
        pk=1, defaults={"at": timezone.now(), "trouble": trouble[:500], "in_folder": in_folder}
    )
    return made


def _make(*, even_if_quiet: bool) -> tuple[Checkpoint | None, str]:
    """Return the new checkpoint, and the problem if it could not be signed."""
    try:
        return signing.make(even_if_quiet=even_if_quiet), ""
    except keys.KeyUnusable as error:
        return None, str(error)
    except Broken:
        log.exception("the last checkpoint cannot be read")
        return None, _TAMPERED
    except Exception:
        log.exception("no checkpoint was made")
        return None, "The next checkpoint could not be made. The portal's log says why; it is tried again by itself."


def _append() -> tuple[int, str]:
    """Return the last number in the folder, and the problem if it cannot be written."""
    try:
        return folder.append(), ""
    except folder.FolderTrouble as error:
        return 0, str(error)
    except Exception:
        log.exception("nothing was appended to the checkpoint folder")
        return 0, "Checkpoints could not be brought to their folder. The portal's log says why; it is tried again."


def wake_up() -> None:
    """Request a checkpoint after the transaction has committed."""
    send_task_on_commit(TASK, _NO_ROW)
