"""Hooks: connect the receivers of sessions, and register sidebar entries."""

from typing import Any

from portal.accounts.permission import may
from portal.accounts.rights import Right
from portal.people.sessions import receivers
from portal.ui import navigation


def _manages_people(user: Any) -> bool:

    return may(user, Right.MANAGE_PEOPLE)


receivers.connect()
navigation.register(navigation.NavigationItem("People", "people:list", icon="people", order=92, shown=_manages_people))
navigation.register(navigation.NavigationItem("Who may do what", "rights", icon="shield", order=99))
