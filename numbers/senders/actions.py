"""Actions on sender IDs: draft, add, change, remove, mark as done, compare, download."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, astuple, dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal.accounts.permission import require, require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import NewEvent, Target, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from senders import options_block
from senders.models import SenderId, SenderState
from senders.names import endpoint_name, section_name
from senders.phone_numbers import parse


@dataclass(frozen=True)
class SenderFacts:
    """The editable fields of a sender ID; section and endpoint may be empty."""

    number: str
    section: str = ""
    endpoint: str = ""
    cxc_only: bool = False
    agents_answer: bool = True
    provider: str = "Portico"

    @classmethod
    def of(cls, sender: SenderId) -> "SenderFacts":
        """Return the stored fields of a sender ID."""
        return cls(**{name: getattr(sender, name) for name in cls.__dataclass_fields__})

    def mark(self) -> str:
        """Return a short hash that changes whenever a field changes."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]

    def normal(self) -> "SenderFacts":
        """Return the fields in their normal form; raises ValidationError by field."""
        errors: dict[str, list[str]] = {}
        facts = asdict(self)
        for name, check in (("number", _digits), ("section", section_name), ("endpoint", endpoint_name)):
            try:
                facts[name] = check(facts[name]) if facts[name] or name == "number" else ""
            except ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise ValidationError(errors)
        return SenderFacts(**facts)


class ChangedByAnother(Exception):
    """Another person changed the sender ID after this page was opened; nothing was overwritten."""


@atomic
def draft_sender(actor: Actor, tenant_id: UUID, *, number: str, provider: str) -> SenderId:
    """Add the number as a draft; if the tenant has it already, return it unchanged. Raises ValidationError."""
    require(actor, Right.RUN_SETUP, tenant_id)
    found = SenderId.objects.filter(tenant_id=tenant_id, number=_digits(number)).first()
    return found or _add(actor, tenant_id, [SenderFacts(number, provider=provider).normal()])[0]


@atomic
def add_senders(actor: Actor, tenant_id: UUID, many: Iterable[SenderFacts]) -> list[SenderId]:
    """Add all sender IDs or none. Raises ValidationError, also if the tenant has one of the numbers already."""
    require(actor, Right.RUN_SETUP, tenant_id)
    _lock_tenant(tenant_id)
    facts = [each.normal() for each in many]
    known = set(SenderId.objects.filter(tenant_id=tenant_id).values_list("number", flat=True))
    if twice := sorted(known & {each.number for each in facts}):
        raise ValidationError({"number": [_known(number) for number in twice]})
    return _add(actor, tenant_id, facts)


@atomic
def add_first_senders(actor: Actor, many: Sequence[tuple[UUID, SenderFacts]]) -> None:
    """Add sender IDs for many tenants that have none of these numbers yet, with a few queries in total."""
    require_in_all(actor, Right.RUN_SETUP, {tenant_id for tenant_id, _ in many})
    senders = [_new(tenant_id, facts.normal()) for tenant_id, facts in many]
    SenderId.objects.bulk_create(senders)
    record_many([_added(sender) for sender in senders], actor)


@atomic
def change_sender(actor: Actor, sender: SenderId, facts: SenderFacts, seen: str = "") -> SenderId:
    """Change a sender ID; a changed one must be pasted and marked as done again.

    `seen` is the mark of the fields as the user saw them. Raises ValidationError, and ChangedByAnother if the stored
    fields have changed since.
    """
    sender = _locked(actor, sender)
    if seen and seen != SenderFacts.of(sender).mark():
        raise ChangedByAnother
    wanted = asdict(facts.normal())
    changes = {name: [getattr(sender, name), value] for name, value in wanted.items() if getattr(sender, name) != value}
    if changes:
        for name, value in wanted.items():
            setattr(sender, name, value)
        _unfinish(sender)
        _save_number(sender)
        _record(Verb.SENDER_CHANGED, actor, sender, changes)
    return sender


@atomic
def remove_sender(actor: Actor, sender: SenderId) -> None:
    """Delete a sender ID from the portal; its section in Platform Administration stays."""
    sender = _locked(actor, sender)
    gone = {name: [value, None] for name, value in asdict(SenderFacts.of(sender)).items()}
    _record(Verb.SENDER_REMOVED, actor, sender, gone)
    sender.delete()


@atomic
def tick_off(actor: Actor, sender: SenderId) -> SenderId:
    """Mark as done: the options block is in Platform Administration. Raises ValidationError if it is incomplete."""
    sender = _locked(actor, sender)
    _demand_complete(sender)
    if (before := sender.state) != SenderState.DONE:
        if before == SenderState.DIFFERS:
            sender.observed = {}  # fixed since, but not compared again
        sender.state, sender.done_at = SenderState.DONE, timezone.now()
        sender.done_by_id, sender.done_by_label = actor.user_id, actor.label
        sender.save()
        _record(Verb.SENDER_DONE, actor, sender, {"state": [before, sender.state]})
    return sender


@atomic
def take_back(actor: Actor, sender: SenderId) -> SenderId:
    """Undo “mark as done”."""
    sender = _locked(actor, sender)
    if (before := sender.state) == SenderState.DONE:
        _unfinish(sender)
        sender.save()
        _record(Verb.SENDER_REOPENED, actor, sender, {"state": [before, sender.state]})
    return sender


@atomic
def compare_with(actor: Actor, sender: SenderId, text: str) -> list[options_block.Comparison]:
    """Store the options block copied from Platform Administration and compare it with ours. Raises ValidationError."""
    sender = _locked(actor, sender)
    _demand_complete(sender)
    before = sender.state
    section, options = options_block.read(text)
    lines = options_block.compare(sender, section, options)
    differing = [line.name for line in lines if not line.is_same]
    sender.observed = options | ({options_block.SECTION: section} if section else {})
    if differing or sender.state == SenderState.DIFFERS:
        _unfinish(sender)
    if differing:
        sender.state = SenderState.DIFFERS
    sender.save()
    changes = {"differing": [None, ", ".join(differing) or "nothing"]}
    if sender.state != before:
        changes["state"] = [before, sender.state]
    _record(Verb.SENDER_COMPARED, actor, sender, changes)
    return lines


@atomic
def take_block(actor: Actor, sender: SenderId) -> str:
    """Return the options block of a complete sender ID for download, and record the download."""
    require(actor, Right.VIEW_TENANT, sender.tenant_id)
    _record(Verb.SENDER_DOWNLOADED, actor, sender, {})
    return options_block.render(sender)


def _digits(number: str) -> str:
    return parse(number).digits


def _locked(actor: Actor, sender: SenderId) -> SenderId:
    require(actor, Right.RUN_SETUP, sender.tenant_id)
    tenant = _lock_tenant(sender.tenant_id)
    locked = SenderId.objects.select_for_update(no_key=True).get(pk=sender.pk)
    locked.tenant = tenant
    return locked


def _lock_tenant(tenant_id: UUID) -> Tenant:
    """Lock the tenant, so that changes of its sender IDs run one after the other: each checks the others' numbers."""
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    refuse_if_archived(tenant)
    return tenant


def _demand_complete(sender: SenderId) -> None:
    if not sender.is_complete:
        raise ValidationError("It has no section or Designer endpoint yet; complete it first.")


def _known(number: str) -> str:
    return f"{number} is a sender ID of this tenant already."


def _add(actor: Actor, tenant_id: UUID, many: Sequence[SenderFacts]) -> list[SenderId]:
    senders = [_new(tenant_id, facts) for facts in many]
    try:
        with transaction.atomic():
            SenderId.objects.bulk_create(sorted(senders, key=attrgetter("number")))
    except IntegrityError as error:  # another request added one of them meanwhile
        raise ValidationError("Somebody added one of these numbers just now. Try again.") from error
    record_many([_added(sender) for sender in senders], actor)
    return senders


def _save_number(sender: SenderId) -> None:
    """Save the sender ID; the unique constraint also sees numbers that other requests add meanwhile."""
    try:
        with transaction.atomic():
            sender.save()
    except IntegrityError as error:
        raise ValidationError({"number": [_known(sender.number)]}) from error


def _new(tenant_id: UUID, facts: SenderFacts) -> SenderId:
    sender = SenderId(tenant_id=tenant_id, **asdict(facts))
    _unfinish(sender)
    return sender


def _added(sender: SenderId) -> NewEvent:
    changes = {name: [None, getattr(sender, name)] for name in SenderFacts.__dataclass_fields__}
    return NewEvent(Verb.SENDER_DRAFTED, Target("sender", str(sender.pk), sender.number), sender.tenant_id, changes)


def _unfinish(sender: SenderId) -> None:
    """Reset the state, because an earlier “done” no longer applies."""
    sender.state = SenderState.READY if sender.is_complete else SenderState.DRAFT
    sender.done_at, sender.done_by, sender.done_by_label = None, None, ""


def _record(verb: Verb, actor: Actor, sender: SenderId, changes: dict[str, Any]) -> None:
    target = Target("sender", str(sender.pk), sender.number)
    record(verb, target, actor, tenant_id=sender.tenant_id, changes=changes)
