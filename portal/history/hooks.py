"""Hooks: add the history to the sidebar."""

from portal.tenants import switcher
from portal.ui import navigation

switcher.keep_by_query("history:list")
navigation.register(navigation.NavigationItem("History", "history:list", icon="history", order=90))
