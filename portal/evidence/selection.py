"""Selection of events and checkpoints for an evidence pack.

The pack starts after a checkpoint that was signed before the period, and ends with one that was signed after it. So it
contains a little more than the period, including the preceding event of each chain, and nothing of the period can be
missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from portal.audit.models import Checkpoint, SignedHead

#: Largest difference between the clocks of two machines.
MARGIN = timedelta(minutes=5)
_BATCH = 500


@dataclass(frozen=True)
class Period:
    """Start and end, each None for no limit."""

    begin: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True)
class Selection:
    """The checkpoints around the period, the closing one, and the first and last event of each chain."""

    period: Period
    after: int
    until: int
    closing: Checkpoint
    chains: dict[str, tuple[int, int]]

    @property
    def first_checkpoint(self) -> int:
        """Return the number of the first checkpoint in the pack."""
        return max(1, self.after)

    @property
    def events(self) -> int:
        """Return the number of events."""
        return sum(last - first + 1 for first, last in self.chains.values() if last)


def select(chains: Sequence[str], period: Period, closing: Checkpoint) -> Selection:
    """Return the selection for a pack of these chains."""
    after, until = 0, closing.number
    if period.begin:
        before = Checkpoint.objects.filter(at__lte=period.begin - MARGIN).order_by("-at", "-number").first()
        after = before.number if before else 0
    if period.end:
        later = Checkpoint.objects.filter(at__gte=period.end + MARGIN).order_by("at", "number").first()
        until = min(later.number, closing.number) if later else closing.number
    found: dict[str, tuple[int, int]] = {}
    names = sorted(set(chains))
    for start in range(0, len(names), _BATCH):
        found |= _spans(names[start : start + _BATCH], after, until)
    return Selection(period, after, until, closing, found)


def _spans(chains: Sequence[str], after: int, until: int) -> dict[str, tuple[int, int]]:
    """Return the first and last event of each chain, or (0, 0) if it did not move in between."""
    before, last = _highest(chains, 0, after), _highest(chains, after, until)
    return {chain: (before.get(chain, 1), last[chain]) if chain in last else (0, 0) for chain in chains}


def _highest(chains: Sequence[str], after: int, until: int) -> dict[str, int]:
    rows = SignedHead.objects.filter(chain__in=chains, checkpoint__gt=after, checkpoint__lte=until)
    return dict(rows.values("chain").annotate(highest=Max("seq")).values_list("chain", "highest"))
