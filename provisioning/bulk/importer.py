"""Importer: plans and carries out a whole file in batches, follows its set-ups, and reports the result."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import InterfaceError, OperationalError, connection
from django.db.models import QuerySet
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.transactions import atomic
from portal.core.db.sqlite_lock import write_lock
from portal.core.isolation import alone
from portal.core.tasks.failpoints import failpoint
from portal.tenants.actions import add_tenant, add_tenants, edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import forget_draft, store_credential, store_first_credentials
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from provisioning.bulk.entries import Entry
from provisioning.bulk.planner import Plan, Todo, bindings_of, plan
from provisioning.bulk.progress import Progress, Result, RunSnapshot, Say
from provisioning.bulk.runner import InProcess, in_process
from provisioning.bulk.tenant_state import TenantState, tenant_states
from provisioning.models import UNVERIFIED, Service, ServiceState, Setup, SetupState
from provisioning.runs.actions import FirstSetup, reopen_setup, resume_setup, start_first_setups, start_setup
from provisioning.runs.claims import is_due, locked_tenant
from provisioning.services.actions import ask_check, check
from provisioning.wizard.actions import begin_setup, take_answers
from provisioning.wizard.drafts import draft_of
from senders.actions import SenderFacts, add_first_senders, add_senders, change_sender
from senders.providers import provider_of

log = logging.getLogger(__name__)


#: Message for a tenant whose import failed unexpectedly.
STUMBLED = "stumbled, and nothing of it was changed. The log says why. Apply the file again when that is mended."

#: Tenants per batch; a larger batch would hold its transaction, and others, for too long.
PORTION = 50

_LOOK_SECONDS = 0.5

_TURN_SECONDS = 0.05


@dataclass
class SetupImporter:
    """The import of one file. `wait` is in seconds; None waits until everything has finished."""

    actor: Actor
    say: Say
    inline: bool
    wait: float | None
    replace: bool = False
    result: Result = field(default_factory=Result)

    def __post_init__(self) -> None:
        """Start the clock."""
        self.progress = Progress(self.say)
        self._looked = 0.0
        self._deadline = None if self.wait is None else time.monotonic() + self.wait

    def apply(self, entries: Sequence[Entry]) -> Result:
        """Import the entries and follow their set-ups until they finish or the time is up."""
        with in_process() if self.inline else nullcontext() as running:
            for portion in portions(entries):
                for setup_id, name in self._begin(portion):
                    self.progress.follow(setup_id, name)
                    if running:
                        running.put(setup_id)
                self._keep_busy(running)
            self._follow(running)
            self._read_back(entries)
        self.progress.look()
        self._judge(running)
        self._name_unverified(entries)
        return self.result

    # --- start ---

    def _begin(self, entries: Sequence[Entry]) -> Iterator[tuple[UUID, str]]:
        """Carry out a batch; yield the set-ups to follow with their tenants' names."""
        found = tenant_states(entries)
        new = [entry for entry in entries if found[entry.path].tenant is None]
        yield from self._add(new)
        for entry in entries:
            if found[entry.path].tenant:
                yield from self._change_alone(entry, found[entry.path])

    def _add(self, entries: Sequence[Entry]) -> Iterator[tuple[UUID, str]]:
        if not entries:
            return
        try:
            with write_lock():  # its turn among the threads that record results
                setups = add_all(self.actor, entries)
        except Exception as error:  # noqa: BLE001 - each entry is retried alone, which reports the error
            # Another process may have just added one of the tenants, or one is invalid. Try each alone.
            _raise_if_away(error)
            log.warning("adding %d tenants at once failed (%s): each by itself", len(entries), type(error).__name__)
            for entry in entries:
                yield from self._change_alone(entry)
            return
        failpoint("apply.added")
        self.result.counts["added"] += len(entries)
        yield from ((setup.pk, setup.tenant.name) for setup in setups)

    def _change_alone(self, entry: Entry, standing: TenantState | None = None) -> list[tuple[UUID, str]]:
        """Carry out one entry; no failure, expected or not, stops the others."""
        try:
            return list(self._change(entry, standing or tenant_states([entry])[entry.path]))
        except Exception as error:
            _raise_if_away(error)
            log.exception("%s, line %s stumbled", entry.path, entry.line)
            self.result.wrong.append(f"{entry.path}, line {entry.line}: {STUMBLED}")
            self.result.counts["stumbled"] += 1
            return []

    def _change(self, entry: Entry, standing: TenantState) -> Iterator[tuple[UUID, str]]:
        made = plan(entry, standing, replace=self.replace)
        if made.todo is not Todo.REPLACE:
            self.result.wrong += map(str, made.deviations)
        try:
            setup = carry_out(self.actor, made)
        except (ValidationError, PermissionDenied) as refusal:
            why = " ".join(getattr(refusal, "messages", [str(refusal)]))
            self.result.wrong.append(f"{entry.path}, line {entry.line}: refused. {why}")
            self.result.counts["refused"] += 1
            return
        self.result.counts[word_of(made)] += 1
        if draft := made.used_draft:
            self.progress.say(f"{entry.name}: runs the draft that {draft.changed_by_label} changed last.")
        if setup and made.todo is not Todo.NOTHING:
            yield setup.pk, entry.name

    # --- follow ---

    def _keep_busy(self, running: InProcess | None) -> None:
        """Let the threads work off most of their queue before the next batch, which bounds memory."""
        while running and running.is_busy and not self._is_late:
            time.sleep(_TURN_SECONDS)
            self._look()

    def _follow(self, running: InProcess | None) -> None:
        while not self._is_late:
            time.sleep(_TURN_SECONDS)
            seen = self._look()
            if running:
                self._put_due(running, seen)
                if all(map(running.gave_up, self.progress.open)):
                    return
            if not self.progress.open:
                return

    def _put_due(self, running: InProcess, seen: dict[UUID, RunSnapshot]) -> None:
        """Queue set-ups whose wait is over, and those that another process abandoned."""
        now = timezone.now()
        for setup_id, look in seen.items():
            if is_due(look.state, look.next_attempt_at, look.lease_until, now):
                running.put(setup_id)

    def _look(self) -> dict[UUID, RunSnapshot]:
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return {}
        seen = self.progress.look()
        self._looked = time.monotonic()
        return seen

    @property
    def _is_late(self) -> bool:
        return self._deadline is not None and time.monotonic() >= self._deadline

    # --- read back ---

    def _read_back(self, entries: Sequence[Entry]) -> None:
        """Read back services that were accepted without verification; this import's own runs have read theirs back."""
        asked: list[UUID] = []
        for portion in portions(entries):
            accepted = _services_of(portion).filter(state=ServiceState.ACCEPTED)
            for service in accepted.exclude(setup__in=list(self.progress.names)).select_related("tenant"):
                if self.inline and self._is_late:
                    return
                if alone(f"checking {service}", partial(self._check, service), otherwise=False):
                    asked.append(service.pk)
        while not self._is_late and Service.objects.filter(pk__in=asked, check_asked_at__isnull=False).exists():
            time.sleep(_TURN_SECONDS)

    def _check(self, service: Service) -> bool:
        """Request a check; inline, also run it. Return whether a worker has to run it."""
        is_asked = False
        with suppress(ValidationError, PermissionDenied):  # a check that is refused leaves the service as unverified
            ask_check(self.actor, service)
            is_asked = True
        if self.inline:
            check(service.pk)
        return is_asked and not self.inline

    # --- report ---

    def _judge(self, running: InProcess | None) -> None:
        for setup_id, look in self.progress.ended.items():
            if look.state == SetupState.DIFFERS:
                self.result.counts["differing"] += 1
                self.result.wrong.append(
                    f"{self.progress.names[setup_id]}: the set-up ended, but Nexus has other values. The page "
                    "“Services” shows which, and what to do."
                )
            elif look.state != SetupState.SUCCEEDED:
                self.result.counts["failed"] += 1
                self.result.wrong.append(f"{self.progress.names[setup_id]}: the set-up failed. {look.sentence}")
        for setup_id in self.progress.open:
            name = self.progress.names[setup_id]
            if running and running.gave_up(setup_id):
                self.result.wrong.append(f"{name}: the set-up stumbled; the log says why. Apply the file again.")
            else:
                self.result.counts["not ended"] += 1
                self.result.open.append(f"{name}: the set-up has not ended yet. Apply the file again to follow it.")

    def _name_unverified(self, entries: Sequence[Entry]) -> None:
        for portion in portions(entries):
            rows = _services_of(portion).filter(state__in=UNVERIFIED).order_by("tenant__name", "name")
            for name, service, state in rows.values_list("tenant__name", "name", "state"):
                what = "exists" if state == ServiceState.FOUND else "was accepted"
                self.say(f"{name}: {service} {what}, not verified; it counts as done.")


def _raise_if_away(error: Exception) -> None:
    """Stop the import if the database is gone; every other entry would fail too."""
    if isinstance(error, OperationalError | InterfaceError) and not connection.is_usable():
        raise error


def _services_of(entries: Sequence[Entry]) -> QuerySet[Service]:
    known = [each.tenant.pk for each in tenant_states(entries).values() if each.tenant]
    return Service.objects.filter(tenant__in=known)


def portions(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """Yield the entries in batches."""
    return (entries[start : start + PORTION] for start in range(0, len(entries), PORTION))


def word_of(made: Plan) -> str:
    """Return the word under which the summary counts a plan."""
    if made.standing.tenant is None:
        return "added"
    if made.changes_nothing:
        return "differing" if made.deviations else "unchanged" if made.todo is Todo.NOTHING else "followed"
    return "changed"


@atomic
def add_all(actor: Actor, entries: Sequence[Entry]) -> list[Setup]:
    """Add new tenants with everything that the file has about them; return their set-ups. Raises ValidationError."""
    tenants = [Tenant(name=each.name, ccid=each.ccid, nexus_url=each.nexus_url) for each in entries]
    pairs = list(zip(tenants, entries, strict=True))
    add_tenants(actor, tenants)
    store_first_credentials(actor, [each for tenant, entry in pairs for each in _all_secrets(tenant, entry)])
    add_first_senders(actor, [(tenant.pk, facts) for tenant, entry in pairs for facts in _all_senders(tenant, entry)])
    first = [FirstSetup(tenant, entry.option, entry.answers) for tenant, entry in pairs if entry.option]
    return start_first_setups(actor, first)


def _all_secrets(tenant: Tenant, entry: Entry) -> Iterator[tuple[UUID, Kind, str, Binding]]:
    """Yield the file's secrets with their bindings."""
    bindings = bindings_of(entry, tenant, entry.all_answers)
    yield from ((tenant.pk, kind, value, bindings.get(kind, Binding())) for kind, value in entry.secrets.items())


def _all_senders(tenant: Tenant, entry: Entry) -> list[SenderFacts]:
    """Return the file's sender IDs, plus the numbers in the option's answers that are not among them."""
    provider = entry.option.provider if entry.option else provider_of(tenant)
    listed = {each.number for each in entry.senders}
    numbers = entry.option.sender_numbers(entry.all_answers) if entry.option else []
    drafts = [SenderFacts(number, provider=provider) for number in dict.fromkeys(numbers) if number not in listed]
    return [*(each.facts(provider) for each in entry.senders), *drafts]


def carry_out(actor: Actor, plan: Plan) -> Setup | None:
    """Carry out one plan and return the set-up to follow, if any. Raises ValidationError."""
    return plan.setup if plan.changes_nothing else _carry_out(actor, plan)


@atomic
def _carry_out(actor: Actor, plan: Plan) -> Setup | None:
    tenant = _tenant(actor, plan)
    bindings = bindings_of(plan.entry, tenant, plan.all_answers)
    for kind, value in plan.secrets.items():
        store_credential(actor, tenant.pk, kind, value, binding=bindings.get(kind, Binding()))
    if plan.senders:
        provider = plan.entry.option.provider if plan.entry.option else provider_of(tenant)
        add_senders(actor, tenant.pk, [each.facts(provider) for each in plan.senders])
    for sender, facts in plan.sender_changes:
        change_sender(actor, sender, facts)
    return _set_up(actor, plan, tenant)


def _tenant(actor: Actor, plan: Plan) -> Tenant:
    entry, tenant = plan.entry, plan.standing.tenant
    if tenant is None:
        return add_tenant(actor, name=entry.name, ccid=entry.ccid, nexus_url=entry.nexus_url)
    tenant = locked_tenant(tenant.pk)  # locked before its secrets and sender IDs, as in all actions
    return edit_tenant(actor, tenant, **plan.facts) if plan.facts else tenant


def _set_up(actor: Actor, plan: Plan, tenant: Tenant) -> Setup | None:
    setup, option = plan.setup, plan.entry.option
    match plan.todo:
        case Todo.NOTHING | Todo.FOLLOW:
            return setup
        case Todo.RESUME if setup:
            return resume_setup(actor, setup)
        case Todo.MEND if setup:
            setup = reopen_setup(actor, setup)
        case Todo.BEGIN | Todo.REPLACE if option:
            setup = begin_setup(actor, tenant, option.key, switch=plan.replaces_active_option)
    if setup is None:
        raise ValidationError("There is no set-up to start.")
    forget_draft(actor, tenant.pk, draft_of(setup))  # the file has all of its secrets, already stored
    setup = take_answers(actor, setup, plan.answers)
    only = plan.replaced if plan.todo is Todo.REPLACE else frozenset[str]()
    return start_setup(actor, setup, open_steps_allowed=plan.entry.left_out, only=only)
