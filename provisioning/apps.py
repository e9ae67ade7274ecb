"""App configuration of provisioning; registers its hooks with the packages below."""

from django.apps import AppConfig


class ProvisioningConfig(AppConfig):
    """Provisioning of SMS in Digital Channels."""

    name = "provisioning"

    def ready(self) -> None:
        """Register the hooks, once all models are loaded."""
        from . import hooks  # noqa: F401, PLC0415 - models are not loaded before ready()
