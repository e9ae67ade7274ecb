"""Registers the room with Django."""

from django.apps import AppConfig


class TollfreeConfig(AppConfig):
    """Toll-free numbers."""

    name = "tollfree"
