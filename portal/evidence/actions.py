"""Actions on evidence: request, export and download packs, download checkpoints, erase personal texts."""

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.permission import require, require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.commitment_check import ERASED_TARGET
from portal.audit.models import SITE_CHAIN, Checkpoint, PersonalText
from portal.audit.personal import spellings
from portal.audit.recording import NewEvent, Target, batch_events, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.db.deadlocks import retry_once
from portal.core.tasks.publish import send_task_on_commit
from portal.evidence import erasure
from portal.evidence.models import Pack, PackState
from portal.evidence.pack_contents import Progress, write_pack
from portal.evidence.selection import Period, Selection
from portal.people.actions import withdraw_invitation
from portal.people.models import Invitation
from portal.tenants.lookup import names_of
from portal.tenants.models import Tenant

MAKE_TASK = "portal.evidence.tasks.make_pack"
#: How long the file of a pack is kept.
KEPT = timedelta(days=1)
SITE_LABEL = "the site"


def chains_of(tenants: Iterable[Tenant], *, site: bool) -> list[str]:
    """Return the chains of these tenants, and the site's chain if wanted."""
    return [*(str(tenant.pk) for tenant in tenants), *([SITE_CHAIN] if site else [])]


def labels_of(chains: Sequence[str]) -> dict[str, str]:
    """Return a label for each chain."""
    names = {
        str(tenant.pk): f"{tenant.name}, {names_of([tenant])[0]}"
        for tenant in Tenant.objects.filter(pk__in=[chain for chain in chains if chain != SITE_CHAIN])
    }
    return {chain: names.get(chain, SITE_LABEL) for chain in chains}


def require_all(actor: Actor, chains: Sequence[str]) -> None:
    """Raise PermissionDenied unless the actor may read the history of all these chains."""
    require_in_all(actor, Right.VIEW_HISTORY, [UUID(chain) for chain in chains if chain != SITE_CHAIN])
    if SITE_CHAIN in chains:
        require(actor, Right.VIEW_SITE_HISTORY)


@atomic
def ask_pack(actor: Actor, chains: Sequence[str], period: Period) -> Pack:
    """Request a pack of these chains; if the same request is still in progress, return that pack.

    Raises PermissionDenied, and ValidationError for an empty period.
    """
    require_all(actor, chains)
    _refuse_empty(chains, period)
    facts = {"asked_by_id": actor.user_id, "chains": sorted(chains), "begin": period.begin, "end": period.end}
    key = hashlib.sha256(repr((actor.kind, actor.label, *facts.values())).encode()).hexdigest()
    live = Pack.objects.filter(request_key=key, state__in=[PackState.QUEUED, PackState.RUNNING])
    if (pack := live.first()) is not None:
        return pack
    try:
        with transaction.atomic():
            pack = Pack.objects.create(request_key=key, asked_by_label=actor.label, **facts)
    except IntegrityError:  # a second click came at the same moment
        return live.get()
    _record(Verb.EVIDENCE_ASKED, actor, str(pack.pk), labels_of(chains), period)
    send_task_on_commit(MAKE_TASK, pack.pk)
    return pack


def export(actor: Actor, chains: Sequence[str], period: Period, out: Path, progress: Progress) -> Selection:
    """Write a pack of these chains to a new file at once. Raises the errors of `ask_pack` and `write_pack`."""
    require_all(actor, chains)
    _refuse_empty(chains, period)
    labels = labels_of(chains)
    _record_ask(actor, out.name, labels, period)
    return write_file(out, labels, period, progress)


@atomic
def _record_ask(actor: Actor, name: str, labels: Mapping[str, str], period: Period) -> None:
    _record(Verb.EVIDENCE_ASKED, actor, name, labels, period)


def write_file(out: Path, labels: Mapping[str, str], period: Period, progress: Progress) -> Selection:
    """Write a pack to a temporary file, and move it into place when it is complete."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with part.open("xb+") as file:
            part.chmod(0o600)  # the file contains the history
            selection = write_pack(file, labels, period, progress)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    return selection


@atomic
def download_pack(actor: Actor, pack: Pack) -> Path:
    """Return the file of a pack for download. Raises PermissionDenied, and ValidationError if the file is gone."""
    require_all(actor, pack.chains)
    file = file_of(pack)
    if pack.state != PackState.DONE or pack.deleted_at is not None or not file.exists():
        raise ValidationError("The file of this pack is not here any more: it is kept for a day. Make a new one.")
    _record(Verb.EVIDENCE_DOWNLOADED, actor, str(pack.pk), labels_of(pack.chains), Period(pack.begin, pack.end))
    return file


@atomic
def record_checkpoint_download(actor: Actor, checkpoint: Checkpoint) -> None:
    """Record who downloaded a checkpoint. It contains the ends of all chains, but not to which tenants they belong."""
    target = Target("checkpoint", str(checkpoint.pk), f"checkpoint {checkpoint.pk}")
    record(Verb.CHECKPOINT_DOWNLOADED, target, actor)


def file_of(pack: Pack) -> Path:
    """Return the path of a pack's file, which may not exist yet."""
    return folder_of_packs() / (pack.file or f"{pack.pk}.zip")


def folder_of_packs() -> Path:
    """Return the folder of all packs."""
    return Path(settings.VAR_DIR) / "evidence"


def erase(actor: Actor, text: str, *, reason: str) -> str:
    """Erase a person's (or a machine's) address from the audit trail and all rows; return the position of the event.

    Events keep its commitment, so every chain and pack remains verifiable; earlier packs still contain the text. Open
    invitations of the address are withdrawn. The account is not changed. Raises PermissionDenied, and ValidationError
    if the text is not found, the reason is missing, or unfinished work needs the text.
    """
    require(actor, Right.MANAGE_PEOPLE)
    text = text.strip()
    if not reason.strip():
        raise ValidationError("Give the reason: the history keeps it.")
    if needed := [sentence for lock in erasure.locks if (sentence := lock(text))]:
        raise ValidationError(needed)
    return retry_once(partial(_erase_everywhere, actor, text, reason))


@transaction.atomic
def _erase_everywhere(actor: Actor, text: str, reason: str) -> str:
    with batch_events():
        invitations = Invitation.objects.filter(email__iexact=text, accepted_at=None, withdrawn_at=None)
        for invitation in invitations.order_by("pk"):
            withdraw_invitation(actor, invitation, reason="The address is erased")
        rows = erasure.erase_from_rows(text) if text else 0
    # From here on each event is appended at once, because the erased text stores the position of its event.
    found = list(PersonalText.objects.select_for_update().filter(text__in=spellings(text)).order_by("commitment"))
    if not found and not rows:
        raise ValidationError("Neither the history nor any row holds this text. Give the whole address.")
    places = [_erase(actor, each, rows, reason) for each in found]
    return ", ".join(places) or _tell_of_rows(actor, rows, reason)


def _erase(actor: Actor, found: PersonalText, rows: int, reason: str) -> str:
    changes = {"text": ["kept", "erased"], "rows": [None, rows]}
    event = record(
        Verb.HISTORY_ERASED,
        Target(ERASED_TARGET, found.commitment, "a personal text"),
        actor,
        changes=changes,
        reason=reason,
    )
    place = f"{event.chain} #{event.seq}"
    PersonalText.objects.filter(pk=found.pk).update(text=None, salt=None, erased_by=place)
    return place


def _tell_of_rows(actor: Actor, rows: int, reason: str) -> str:
    """Record the erasure of a text that no event names, only rows."""
    target = Target("rows", "", "a personal text")
    event = record(Verb.HISTORY_ERASED, target, actor, changes={"rows": [None, rows]}, reason=reason)
    return f"{event.chain} #{event.seq}"


def _refuse_empty(chains: Sequence[str], period: Period) -> None:
    if not chains:
        raise ValidationError("Choose at least one tenant.")
    if period.begin and period.end and period.begin >= period.end:
        raise ValidationError("The period ends before it begins.")
    if period.begin and period.begin > timezone.now():
        raise ValidationError("The period lies in the future.")


def _record(verb: Verb, actor: Actor, name: str, labels: Mapping[str, str], period: Period) -> None:
    """Record the event in each chain that the pack contains."""
    bounds = {"from": [None, period.begin], "to": [None, period.end]}
    record_many(
        [
            NewEvent(
                verb, Target("evidence pack", name[:64], label), None if chain == SITE_CHAIN else UUID(chain), bounds
            )
            for chain, label in labels.items()
        ],
        actor,
    )
