"""Registers the room with Django."""

from django.apps import AppConfig


class OutboundConfig(AppConfig):
    """The one way out."""

    name = "portal.outbound"
