"""The demo, with its sandbox and local services; never installed in production."""

from django.apps import AppConfig


class DevtoolsConfig(AppConfig):
    """The demo, with its sandbox and local services; never installed in production."""

    name = "portal.devtools"
