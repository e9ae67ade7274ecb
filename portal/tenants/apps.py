"""Registers the room with Django, and its entries in the frame."""

from django.apps import AppConfig

from portal.frame import navigation


class TenantsConfig(AppConfig):
    """Contact centres."""

    name = "portal.tenants"

    def ready(self) -> None:
        """Put the tenants into the sidebar."""
        from portal.tenants.switcher import switcher  # noqa: PLC0415 - models are not loaded before ready()

        navigation.register(navigation.NavigationItem("Tenants", "tenants:list", icon="building", order=10))
        navigation.register_tenant_switcher(switcher)
