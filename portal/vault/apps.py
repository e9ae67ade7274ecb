"""Registers the room with Django."""

from django.apps import AppConfig


class VaultConfig(AppConfig):
    """Encrypted secrets."""

    name = "portal.vault"
