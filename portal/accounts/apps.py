"""App configuration of the accounts app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, memberships, sessions and permissions."""

    name = "portal.accounts"
