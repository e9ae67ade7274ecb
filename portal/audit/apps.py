"""App configuration of the audit trail: commit guard, triggers, and the check of the triggers."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate


class AuditConfig(AppConfig):
    """The audit trail."""

    name = "portal.audit"

    def ready(self) -> None:
        """Watch every connection with the commit guard, and create the triggers after every migrate.

        SQLite drops triggers silently when it rebuilds a table.
        """
        from portal.audit import checks, guarded, triggers  # noqa: PLC0415 - models are not loaded before ready()

        connection_created.connect(guarded.watch)
        pre_migrate.connect(guarded.lift_for_migrate)
        post_migrate.connect(guarded.stand_after_migrate)
        post_migrate.connect(triggers.create_after_migrate, sender=self)
        register(checks.triggers_are_in_place, Tags.database)
