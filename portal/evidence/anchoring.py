"""Making the next checkpoint and bringing it outside; trouble is told on the operations page, and is no crash."""

import logging
from uuid import UUID

from django.utils import timezone

from portal.audit.checkpoints import folder, keys, making
from portal.audit.models import Checkpoint
from portal.audit.verifier.verify import Broken
from portal.evidence.models import Anchoring
from portal.wakeups import wake_after_commit

log = logging.getLogger(__name__)
TASK = "portal.evidence.tasks.checkpoint"
#: The message of a wake-up carries an id, and a checkpoint has no row before it is made.
_NO_ROW = UUID(int=0)
_TAMPERED = "The last checkpoint in the database was tampered with. Verify the history."


def anchor(*, even_if_quiet: bool = False) -> Checkpoint | None:
    """Make a checkpoint if one is due, append what the folder lacks, and keep how it went.

    A checkpoint that cannot be made does not keep earlier ones from the folder.
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
    """Return what was made, and why nothing could be."""
    try:
        return making.make(even_if_quiet=even_if_quiet), ""
    except keys.KeyUnusable as error:
        return None, str(error)
    except Broken:
        log.exception("the last checkpoint cannot be read")
        return None, _TAMPERED
    except Exception:
        log.exception("no checkpoint was made")
        return None, "The next checkpoint could not be made. The portal's log says why; it is tried again by itself."


def _append() -> tuple[int, str]:
    """Return the last number that lies in the folder, and why it takes no more."""
    try:
        return folder.append(), ""
    except folder.FolderTrouble as error:
        return 0, str(error)
    except Exception:
        log.exception("nothing was appended to the checkpoint folder")
        return 0, "Checkpoints could not be brought to their folder. The portal's log says why; it is tried again."


def wake_up() -> None:
    """Have a checkpoint made as soon as the transaction has committed."""
    wake_after_commit(TASK, _NO_ROW)
