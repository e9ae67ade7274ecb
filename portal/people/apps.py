"""App configuration of people: audit events, sessions, encrypted columns, system checks, and sidebar entries."""

from typing import Any

from django.apps import AppConfig
from django.core import checks

from portal.frame import navigation


class PeopleConfig(AppConfig):
    """Sign-in, invitations and people management."""

    name = "portal.people"

    def ready(self) -> None:
        """Connect signal receivers, and register checks, encrypted columns, queued work and sidebar entries."""
        from portal.core.tasks import sweeper  # noqa: PLC0415 - models are not loaded before ready()
        from portal.people import lockout_mail, reset_mail  # noqa: PLC0415 - the same
        from portal.people.sessions import receivers  # noqa: PLC0415 - the same
        from portal.people.sign_in import history, second_factors  # noqa: PLC0415 - the same
        from portal.people.sign_in.checks import second_factors_are_safe  # noqa: PLC0415 - the same
        from portal.vault import sealed_fields  # noqa: PLC0415 - the same

        history.listen()
        checks.register(second_factors_are_safe)
        for column in second_factors.sealed_texts():
            sealed_fields.register(column)
        receivers.connect()
        sweeper.register(lockout_mail.KIND)
        sweeper.register(reset_mail.KIND)
        navigation.register(
            navigation.NavigationItem("People", "people:list", icon="people", order=92, shown=_manages_people)
        )
        navigation.register(navigation.NavigationItem("Who may do what", "rights", icon="shield", order=99))


def _manages_people(user: Any) -> bool:
    from portal.accounts.permission import may  # noqa: PLC0415 - models are not loaded when this module is
    from portal.accounts.rights import Right  # noqa: PLC0415 - the same

    return may(user, Right.MANAGE_PEOPLE)
