"""Actions on a tenant's numbers: request a refresh, explain orphans, track a verification."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils import timezone

from genesys_cloud.access import readable_access_of
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.context import current
from portal.audit.recording import NewEvent, Target, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.tasks.publish import send_task_on_commit
from portal.notifications.mailing import announce
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from tollfree.inventory.models import InventoryRefresh, OwnedNumber, Verification, VerificationNote
from tollfree.inventory.orphans import orphans
from tollfree.inventory.reconciliation import target
from tollfree.inventory.sync import NOT_SET_UP, TASK

LONGEST_NOTE = 2_000


@atomic
def ask_refresh(actor: Actor, tenant: Tenant) -> InventoryRefresh:
    """Queue a refresh of the list; if one is queued already, return that one. Raises ValidationError."""
    require(actor, Right.MANAGE_NUMBERS, tenant.pk)
    refuse_if_archived(tenant)
    _demand_access(tenant)
    row, _ = InventoryRefresh.objects.get_or_create(tenant=tenant)
    now = timezone.now()
    asked = InventoryRefresh.objects.filter(pk=row.pk, asked_at=None).update(
        asked_at=now,
        asked_by=actor.user_id,
        asked_by_label=actor.label,
        asked_by_kind=actor.kind,
        request_id=current().request_id,
        published_at=now,
        tries=0,
    )
    if asked:
        record(Verb.NUMBERS_REFRESH_ASKED, Target("tenant", str(tenant.pk), tenant.name), actor, tenant_id=tenant.pk)
        send_task_on_commit(TASK, row.pk)
    row.refresh_from_db()
    return row


@atomic
def explain(actor: Actor, tenant: Tenant, owned: Sequence[OwnedNumber], explanation: str) -> int:
    """Explain orphans, so that they no longer count as orphans; return how many were explained.

    Raises ValidationError. A number that disappears from the list later is an orphan again.
    """
    require(actor, Right.MANAGE_NUMBERS, tenant.pk)
    refuse_if_archived(tenant)
    words = explanation.strip()
    if not 0 < len(words) <= LONGEST_NOTE:
        raise ValidationError({"explanation": f"Say it in words, in at most {LONGEST_NOTE} letters."})
    picked = OwnedNumber.objects.filter(tenant=tenant, pk__in=[each.pk for each in owned])
    wanted = list(picked.filter(orphans()).values_list("pk", flat=True))
    rows = OwnedNumber.objects.filter(pk__in=wanted)
    lines = [
        NewEvent(Verb.NUMBER_EXPLAINED, target(row), tenant.pk, {"explanation": [row.explanation or None, words]})
        for row in rows.select_for_update(no_key=True).order_by("number")
    ]
    rows.update(explained_at=timezone.now(), explained_by_label=actor.label, explanation=words)
    record_many(lines, actor)
    return len(lines)


@atomic
def track_verification(
    actor: Actor, owned: OwnedNumber, state: Verification, *, note: str = "", seen: str = ""
) -> VerificationNote:
    """Set the state of a number's verification, or add only a note if the state is the same. Raises ValidationError.

    `seen` is the state that the user saw: if another person changed it since, nothing is overwritten.
    """
    require(actor, Right.MANAGE_NUMBERS, owned.tenant_id)
    owned = OwnedNumber.objects.select_for_update(of=("self",), no_key=True).select_related("tenant").get(pk=owned.pk)
    refuse_if_archived(owned.tenant)
    words, before = note.strip(), Verification(owned.verification)
    _demand_sense(before, state, words, seen)
    step = VerificationNote.objects.create(
        owned=owned, at=timezone.now(), state=state, note=words, by_id=actor.user_id, by_label=actor.label
    )
    if state != before:
        owned.verification, owned.verification_at = state, step.at
        owned.save(update_fields=["verification", "verification_at"])
    verb = Verb.VERIFICATION_NOTED if state == before else Verb.VERIFICATION_CHANGED
    changes: dict[str, list[str | None]] = {"note": [None, words]} if words else {}
    if state != before:
        changes["verification"] = [before.label, state.label]
    record(verb, target(owned), actor, tenant_id=owned.tenant_id, changes=changes)
    if state != before and state == Verification.NEEDS_ANSWER:
        announce("verification", owned.pk, owned.tenant_id)
    return step


def _demand_sense(before: Verification, state: Verification, words: str, seen: str) -> None:
    if seen and seen != before:
        raise ValidationError(f"Somebody changed it to “{before.label}” since you opened the page. Look again.")
    if len(words) > LONGEST_NOTE:
        raise ValidationError({"note": f"Write at most {LONGEST_NOTE} letters; these are {len(words)}."})
    if state == before and not words:
        raise ValidationError({"note": "Write a note, or choose another state."})
    if state == Verification.NEEDS_ANSWER and not words:
        raise ValidationError({"note": "Write down what is asked."})
    if state == Verification.REFUSED and not words:
        raise ValidationError({"note": "Write down why it was refused."})


def _demand_access(tenant: Tenant) -> None:
    if readable_access_of(tenant) is None:
        raise ValidationError(NOT_SET_UP)
