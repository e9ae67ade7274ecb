"""The sweeper's work done here, as the task does it when beat sends it."""

from portal.core.tasks import sweeper
from portal.core.tasks.sweeper import Kind
from portal.wakeups import wake_after_commit
from tollfree.orders.sweeper import ORDERS, RELEASES, take_over


def sweep(*kinds: Kind) -> int:
    """Sweep these kinds of work, or all there are with their chores; how many rows were published."""
    if not kinds:
        return sweeper.sweep(wake_after_commit)
    return sum(sweeper.sweep_kind(kind, wake_after_commit) for kind in kinds)


def sweep_orders() -> int:
    """Sweep orders and releases."""
    take_over()
    return sweep(ORDERS, RELEASES)
