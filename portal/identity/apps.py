"""Sign-in: second factors, passkeys, single sign-on, lockout."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Sign-in: second factors, passkeys, single sign-on, lockout."""

    name = "portal.identity"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
