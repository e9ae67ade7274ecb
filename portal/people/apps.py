"""Registers the room with Django, its checks, its lines of history, and its sealed seeds with the rotation of keys."""

from django.apps import AppConfig
from django.core import checks


class PeopleConfig(AppConfig):
    """How people come in."""

    name = "portal.people"

    def ready(self) -> None:
        """Join allauth to the house, and let sessions follow what happens to passwords and second factors."""
        from portal.people.sessions import receivers  # noqa: PLC0415 - models are not loaded before ready()
        from portal.people.sign_in import history, second_factors  # noqa: PLC0415 - the same
        from portal.people.sign_in.checks import second_factors_are_safe  # noqa: PLC0415 - the same
        from portal.vault import sealed_fields  # noqa: PLC0415 - the same

        history.listen()
        checks.register(second_factors_are_safe)
        for column in second_factors.sealed_texts():
            sealed_fields.register(column)
        receivers.connect()
