"""Registers the room with Django."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """People, their memberships and their rights."""

    name = "portal.accounts"
