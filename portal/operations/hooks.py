"""Hooks: the entry of the sidebar, signals for timeouts, heartbeats and startup checks, and the database check."""

from django.apps import apps
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from portal.core.db import time_limits
from portal.operations import health, heartbeats, old_database
from portal.operations.views import may_look
from portal.ui import navigation

connection_created.connect(time_limits.set_after_connecting)
pre_migrate.connect(time_limits.lift_for_migrate, sender=apps.get_app_config("operations"))
post_migrate.connect(time_limits.limit_after_migrate, sender=apps.get_app_config("operations"))
heartbeats.connect()
health.connect()
register(old_database.database_fits, Tags.database)
navigation.register(navigation.NavigationItem("Operations", "operations:page", icon="server", order=95, shown=may_look))
