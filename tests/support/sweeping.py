"""The sweeper's work done here, as the task does it when beat sends it."""

from portal.core.tasks import sweeper
from portal.core.tasks.publish import send_task_on_commit
from portal.core.tasks.sweeper import Kind
from tollfree.orders.worker.sweeper import ORDERS, RELEASES, take_over


def sweep(*kinds: Kind) -> int:
    """Sweep these kinds of work, or all there are with their chores; how many rows were published."""
    if not kinds:
        return sweeper.sweep(send_task_on_commit)
    return sum(sweeper.sweep_kind(kind, send_task_on_commit) for kind in kinds)


def sweep_orders() -> int:
    """Sweep orders and releases."""
    take_over()
    return sweep(ORDERS, RELEASES)
