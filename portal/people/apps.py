"""Registers the room with Django."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """How people come in."""

    name = "portal.people"
