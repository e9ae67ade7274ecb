"""App configuration: registers navigation, notifications, sender ID checks, hooks, gauges and sweeper work."""

from django.apps import AppConfig

from portal.frame import navigation


class TollfreeConfig(AppConfig):
    """Toll-free numbers."""

    name = "tollfree"

    def ready(self) -> None:
        """Register everything that other packages show, run or check for toll-free numbers."""
        from portal.core.tasks import sweeper  # noqa: PLC0415 - models are not loaded before ready()
        from portal.evidence import erasing  # noqa: PLC0415 - the same
        from portal.notices import kinds  # noqa: PLC0415 - the same
        from portal.notices.waiting import badge_of  # noqa: PLC0415 - the same
        from portal.operations import gauges  # noqa: PLC0415 - the same
        from portal.tenants import actions  # noqa: PLC0415 - the same
        from portal.vault import sealed_fields  # noqa: PLC0415 - the same
        from senders import lint  # noqa: PLC0415 - the same
        from tollfree import connection, owned  # noqa: PLC0415 - the same
        from tollfree.asking import takes_part  # noqa: PLC0415 - the same
        from tollfree.inventory import following, refreshing  # noqa: PLC0415 - the same
        from tollfree.models import AccessToken  # noqa: PLC0415 - the same
        from tollfree.notices import KINDS, QUESTIONS, REQUESTS  # noqa: PLC0415 - the same
        from tollfree.orders import completion  # noqa: PLC0415 - the same
        from tollfree.orders.actions import lock_archive, lock_erasure  # noqa: PLC0415 - the same
        from tollfree.orders.gauges import GAUGES  # noqa: PLC0415 - the same
        from tollfree.orders.sweeper import ORDERS, RELEASES, take_over  # noqa: PLC0415 - the same

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
        lint.register(owned.toll_free_numbers_are_the_tenants)
        sealed_fields.register(sealed_fields.SealedField(AccessToken, "ciphertext", AccessToken.place))
        actions.archive_locks.append(lock_archive)
        erasing.locks.append(lock_erasure)
        completion.completed.append(following.after_completion)
        completion.released.append(following.give_up)
        for gauge in GAUGES:
            gauges.register(gauge)
        for work in (ORDERS, RELEASES, refreshing.KIND):
            sweeper.register(work)
        sweeper.register_chore("tests of connections that ended in the middle", connection.end_dead_tests)
        sweeper.register_chore("silent orders and left drafts", take_over)
        sweeper.register_chore("refreshes that are due", refreshing.ask_for_all)
