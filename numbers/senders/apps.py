"""Registers the room with Django."""

from django.apps import AppConfig


class SendersConfig(AppConfig):
    """Sender IDs."""

    name = "senders"
