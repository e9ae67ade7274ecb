"""Registers the room with Django."""

from django.apps import AppConfig


class TenantsConfig(AppConfig):
    """Contact centres."""

    name = "portal.tenants"
