"""Registers the room with Django, and keeps the history's triggers in place."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """The append-only history."""

    name = "portal.audit"

    def ready(self) -> None:
        """Create the triggers after every migrate: SQLite drops them silently when it rebuilds a table."""
        from portal.audit import checks, triggers  # noqa: PLC0415 - models are not loaded before ready()

        post_migrate.connect(triggers.create_after_migrate, sender=self)
        register(checks.triggers_are_in_place, Tags.database)
