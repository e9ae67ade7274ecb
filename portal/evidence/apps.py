"""App configuration of evidence: sidebar entry, checkpoint triggers, system checks, alerts and queued work."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Evidence for auditors."""

    name = "portal.evidence"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
