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
from portal.core.isolation import alone
from portal.crash_points import reach
from provisioning.apply.doing import add_all, carry_out
from provisioning.apply.entries import Entry
from provisioning.apply.planning import Plan, Todo, plan
from provisioning.apply.progress import Look, Progress, Say
from provisioning.apply.results import Result
from provisioning.apply.running import THREADS, InProcess, in_process
from provisioning.apply.standing import Standing, standings
from provisioning.models import UNVERIFIED, Service, ServiceState, SetupState
from provisioning.repair import ask_check, check
from provisioning.runs import is_due

log = logging.getLogger(__name__)

#: Message for a tenant whose import failed unexpectedly.
STUMBLED = "stumbled, and nothing of it was changed. The log says why. Apply the file again when that is mended."
#: Tenants per batch; a larger batch would hold its transaction, and others, for too long.
PORTION = 50
_LOOK_SECONDS = 0.5
_TURN_SECONDS = 0.05


@dataclass
class Applying:
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
        found = standings(entries)
        new = [entry for entry in entries if found[entry.path].tenant is None]
        yield from self._add(new)
        for entry in entries:
            if found[entry.path].tenant:
                yield from self._change_alone(entry, found[entry.path])

    def _add(self, entries: Sequence[Entry]) -> Iterator[tuple[UUID, str]]:
        if not entries:
            return
        try:
            setups = add_all(self.actor, entries)
        except Exception as error:  # noqa: BLE001 - each entry is retried alone, which reports the error
            # Another process may have just added one of the tenants, or one is invalid. Try each alone.
            _raise_if_away(error)
            log.warning("adding %d tenants at once failed (%s): each by itself", len(entries), type(error).__name__)
            for entry in entries:
                yield from self._change_alone(entry)
            return
        reach("apply.added")
        self.result.counts["added"] += len(entries)
        yield from ((setup.pk, setup.tenant.name) for setup in setups)

    def _change_alone(self, entry: Entry, standing: Standing | None = None) -> list[tuple[UUID, str]]:
        """Carry out one entry; no failure, expected or not, stops the others."""
        try:
            return list(self._change(entry, standing or standings([entry])[entry.path]))
        except Exception as error:
            _raise_if_away(error)
            log.exception("%s, line %s stumbled", entry.path, entry.line)
            self.result.wrong.append(f"{entry.path}, line {entry.line}: {STUMBLED}")
            self.result.counts["stumbled"] += 1
            return []

    def _change(self, entry: Entry, standing: Standing) -> Iterator[tuple[UUID, str]]:
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
        while running and len(running.due) >= THREADS and not self._is_late:
            running.turn(_TURN_SECONDS)
            self._look()

    def _follow(self, running: InProcess | None) -> None:
        while not self._is_late:
            if running and not running.is_idle:
                running.turn(_TURN_SECONDS)
            else:
                time.sleep(_TURN_SECONDS)
            seen = self._look()
            if running:
                self._put_due(running, seen)
                if all(map(running.gave_up, self.progress.open)):
                    return
            if not self.progress.open:
                return

    def _put_due(self, running: InProcess, seen: dict[UUID, Look]) -> None:
        """Queue set-ups whose wait is over, and those that another process abandoned."""
        now = timezone.now()
        for setup_id, look in seen.items():
            if is_due(look.state, look.not_before, look.lease_until, now):
                running.put(setup_id)

    def _look(self) -> dict[UUID, Look]:
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
    known = [each.tenant.pk for each in standings(entries).values() if each.tenant]
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
