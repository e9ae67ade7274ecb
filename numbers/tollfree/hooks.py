"""Hooks: register everything that other packages show, run or check for toll-free numbers."""

from portal.core.tasks import sweeper
from portal.evidence import erasure
from portal.notifications import kinds
from portal.notifications.pending import badge_of
from portal.operations import gauges
from portal.tenants import actions
from portal.ui import navigation
from senders import checks
from tollfree.inventory import (
    order_hooks,
    sender_check,
    sync,
)
from tollfree.notifications import KINDS, QUESTIONS, REQUESTS
from tollfree.orders import completion
from tollfree.orders.actions import lock_archive, lock_erasure
from tollfree.orders.worker.sweeper import (
    GAUGES,
    ORDERS,
    RELEASES,
    take_over,
)
from tollfree.requests.actions import takes_part

navigation.register(
    navigation.NavigationItem(
        "Requests",
        "tollfree:requests",
        icon="message",
        order=40,
        shown=takes_part,
        badge=badge_of(REQUESTS.key, QUESTIONS.key),
    )
)
for kind in KINDS:
    kinds.register(kind)
checks.register(sender_check.toll_free_numbers_are_the_tenants)
actions.archive_locks.append(lock_archive)
erasure.locks.append(lock_erasure)
completion.completed.append(order_hooks.after_completion)
completion.released.append(order_hooks.give_up)
for gauge in GAUGES:
    gauges.register(gauge)
for work in (ORDERS, RELEASES, sync.KIND):
    sweeper.register(work)
sweeper.register_chore("silent orders and left drafts", take_over)
sweeper.register_chore("refreshes that are due", sync.ask_for_all)
