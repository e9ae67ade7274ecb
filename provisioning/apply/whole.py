"""A whole file applied: checked entries planned in portions, carried out, followed, and judged at the end."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from portal.audit.actors import Actor
from provisioning.apply.doing import carry_out
from provisioning.apply.entries import Entry
from provisioning.apply.planning import Plan, Todo, plan
from provisioning.apply.progress import Progress, Say
from provisioning.apply.running import Threads, is_due, threads
from provisioning.apply.standing import standings
from provisioning.models import Service, ServiceState, Setup, SetupState

#: So many tenants are compared at a time: their rows are in memory together.
PORTION = 100
_LOOK_SECONDS = 0.2

SUCCEEDED, FAILED_OR_DIFFERS, WAITED_IN_VAIN = 0, 1, 3


@dataclass
class Result:
    """What became of the file's tenants."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return 0 if all is as the file has it, 1 if something failed or differs, 3 if something is still open."""
        if self.wrong:
            return FAILED_OR_DIFFERS
        return WAITED_IN_VAIN if self.open else SUCCEEDED


@dataclass
class Applying:
    """One file on its way; `wait` is in seconds, None waits as long as it takes."""

    actor: Actor
    say: Say
    inline: bool
    wait: float | None
    result: Result = field(default_factory=Result)

    def apply(self, entries: Sequence[Entry]) -> Result:
        """Carry out what is missing, and follow it."""
        deadline = None if self.wait is None else time.monotonic() + self.wait
        progress = Progress(self.say)
        with threads() if self.inline else nullcontext() as pool:
            for portion in _portions(entries):
                for setup in self._begin(portion):
                    progress.follow(setup.pk, setup.tenant.name)
                    if pool:
                        pool.put(setup.pk)
                if pool:
                    progress.look()
            self._follow(progress, pool, deadline)
        self._judge(progress, pool)
        self._name_unverified(entries)
        return self.result

    # --- beginning ---

    def _begin(self, entries: Sequence[Entry]) -> Iterator[Setup]:
        found = standings(entries)
        for entry in entries:
            made = plan(entry, found[entry.path])
            for difference in made.differences:
                self.result.wrong.append(str(difference))
            try:
                with transaction.atomic():
                    setup = carry_out(self.actor, made)
            except (ValidationError, PermissionDenied) as refusal:
                self._refused(entry, refusal)
                continue
            self._count(made, setup)
            if setup and made.todo is not Todo.NOTHING:
                setup.tenant.name = entry.name
                yield setup

    def _refused(self, entry: Entry, refusal: ValidationError | PermissionDenied) -> None:
        why = " ".join(getattr(refusal, "messages", [str(refusal)]))
        self.result.wrong.append(f"{entry.path}, line {entry.line}: refused. {why}")

    def _count(self, made: Plan, setup: Setup | None) -> None:
        word = "added" if made.is_new else "unchanged" if made.changes_nothing else "changed"
        self.result.counts[word] += 1

    # --- following ---

    def _follow(self, progress: Progress, pool: Threads | None, deadline: float | None) -> None:
        while progress.open:
            seen = progress.look()
            if pool:
                now = timezone.now()
                for setup_id, look in seen.items():
                    if is_due(look.state, look.not_before, look.lease_until, now):
                        pool.put(setup_id)
                if all(pool.gave_up(setup_id) for setup_id in progress.open):
                    return
            if not progress.open or (deadline is not None and time.monotonic() >= deadline):
                return
            time.sleep(_LOOK_SECONDS)

    def _judge(self, progress: Progress, pool: Threads | None) -> None:
        for setup_id, look in progress.ended.items():
            if look.state != SetupState.SUCCEEDED:
                self.result.counts["failed"] += 1
                self.result.wrong.append(f"{progress.names[setup_id]}: {look.sentence}")
        for setup_id in progress.open:
            self.result.open.append(_open_sentence(progress.names[setup_id], setup_id, pool))

    def _name_unverified(self, entries: Sequence[Entry]) -> None:
        for portion in _portions(entries):
            ccids = [entry.ccid for entry in portion]
            rows = Service.objects.filter(tenant__ccid__in=ccids, state=ServiceState.FOUND).order_by(
                "tenant__name", "name"
            )
            for name, service in rows.values_list("tenant__name", "name"):
                self.say(f"{name}: {service} exists, not verified; it counts as done.")


def _open_sentence(name: str, setup_id: UUID, pool: Threads | None) -> str:
    if pool and pool.gave_up(setup_id):
        return f"{name}: the set-up stumbled; the log says why. Apply the file again to go on."
    return f"{name}: the set-up has not ended yet."


def _portions(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    return (entries[start : start + PORTION] for start in range(0, len(entries), PORTION))
