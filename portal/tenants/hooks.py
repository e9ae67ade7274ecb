"""Hooks: add the tenants to the sidebar."""

from portal.tenants.switcher import switcher
from portal.ui import navigation

navigation.register(navigation.NavigationItem("Tenants", "tenants:list", icon="building", order=10))
navigation.register_tenant_switcher(switcher)
