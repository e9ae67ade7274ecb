"""App configuration of the tenants app, with its sidebar entries."""

from django.apps import AppConfig

from portal.frame import navigation


class TenantsConfig(AppConfig):
    """Contact centres."""

    name = "portal.tenants"

    def ready(self) -> None:
        """Add the tenants to the sidebar."""
        from portal.tenants.switcher import switcher  # noqa: PLC0415 - models are not loaded before ready()

        navigation.register(navigation.NavigationItem("Tenants", "tenants:list", icon="building", order=10))
        navigation.register_tenant_switcher(switcher)
