"""Result of an import: counts, problems, and the exit code."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from provisioning.models import LIVE, Setup, SetupState, SetupStep, StepState

SUCCEEDED, WRONG, REFUSED, NOT_ENDED = range(4)


@dataclass
class Result:
    """Counts for the summary, and messages about what failed or is still open."""

    counts: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return 0 if everything is as in the file, 1 if something failed or differs, 3 if something is unfinished."""
        if self.wrong:
            return WRONG
        return NOT_ENDED if self.open else SUCCEEDED

    def __str__(self) -> str:
        """Return the counts as text."""
        words = [f"{count} {word}" for word, count in self.counts.items()]
        return f"Tenants: {', '.join(words) or 'none'}."


Say = Callable[[str], None]

#: Ids per query; databases limit the number of parameters.
PORTION = 500


@dataclass(frozen=True)
class RunSnapshot:
    """The state of a set-up when it was last read."""

    state: SetupState
    next_attempt_at: datetime | None
    lease_until: datetime | None
    sentence: str


class Progress:
    """Follows set-ups until they finish; `ended` has the final states."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.names: dict[UUID, str] = {}
        self.open: set[UUID] = set()
        self.ended: dict[UUID, RunSnapshot] = {}
        self._said: dict[UUID, tuple[str, int]] = {}

    def follow(self, setup_id: UUID, name: str) -> None:
        """Follow another set-up."""
        self.names[setup_id] = name
        self.open.add(setup_id)

    def look(self) -> dict[UUID, RunSnapshot]:
        """Print what is new and return the state of each open set-up."""
        seen: dict[UUID, RunSnapshot] = {}
        for ids in _portions(sorted(self.open)):
            # Read set-ups before their steps: once a set-up has finished, its steps change no more.
            seen |= _states(ids)
            self._tell_steps(ids)
        for setup_id, look in seen.items():
            if look.state not in LIVE:
                self.open.discard(setup_id)
                self.ended[setup_id] = look
                if look.state == SetupState.FAILED:
                    self.say(f"{_clock()}  {self.names[setup_id]}  failed: {look.sentence}")
        return seen

    def _tell_steps(self, ids: list[UUID]) -> None:
        steps = SetupStep.objects.filter(setup_id__in=ids, attempts__gt=0).order_by("setup_id", "position")
        for step in steps:
            self._tell(step)

    def _tell(self, step: SetupStep) -> None:
        news = (step.state, step.attempts)
        if step.state == StepState.SENDING or self._said.get(step.pk) == news:
            return
        self._said[step.pk] = news
        told = step.get_state_display().lower()
        if step.state == StepState.PENDING:
            told = f"will be tried again: {step.sentence}"
        self.say(f"{_clock()}  {self.names[step.setup_id]}  {step.service}: {told}, attempt {step.attempts}")


def _states(ids: list[UUID]) -> dict[UUID, RunSnapshot]:
    rows = Setup.objects.filter(pk__in=ids).values_list("pk", "state", "next_attempt_at", "lease_until", "sentence")
    return {pk: RunSnapshot(SetupState(state), due, lease, why) for pk, state, due, lease, why in rows}


def _portions(ids: list[UUID]) -> Iterable[list[UUID]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))


def _clock() -> str:
    return timezone.localtime().strftime("%H:%M:%S")
