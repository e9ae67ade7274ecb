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


def anchor(*, even_if_quiet: bool = False) -> Checkpoint | None:
    """Make a checkpoint if one is due, append what the folder lacks, and keep how it went."""
    made, in_folder, trouble = None, 0, ""
    try:
        made = making.make(even_if_quiet=even_if_quiet)
        in_folder = folder.append()
    except (keys.KeyUnusable, folder.FolderTrouble) as error:
        trouble = str(error)
    except Broken as error:
        trouble = f"The last checkpoint in the database was tampered with ({error}). Verify the history."
    if trouble:
        log.error("checkpoint: %s", trouble)
    Anchoring.objects.update_or_create(
        pk=1, defaults={"at": timezone.now(), "trouble": trouble[:500], "in_folder": in_folder}
    )
    return made


def wake_up() -> None:
    """Have a checkpoint made as soon as the transaction has committed."""
    wake_after_commit(TASK, _NO_ROW)
