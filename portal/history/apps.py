"""Registers the room with Django."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Pages that show the audit trail."""

    name = "portal.history"
