"""App configuration of the audit trail: commit guard, triggers, and the check of the triggers."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit trail."""

    name = "portal.audit"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
