"""Hooks: the commit guard on each connection, the triggers after each migrate, contexts for group commit."""

from django.apps import apps
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate, pre_migrate

from portal.audit import commit_guard, triggers
from portal.audit.recording import batch_events
from portal.audit.transactions import unit_of_work
from portal.core.db import group_commit

connection_created.connect(commit_guard.watch)
pre_migrate.connect(commit_guard.lift_for_migrate)
post_migrate.connect(commit_guard.restore_after_migrate)
post_migrate.connect(triggers.create_after_migrate, sender=apps.get_app_config("audit"))
register(triggers.triggers_are_in_place, Tags.database)
group_commit.use_contexts(group=batch_events, unit=unit_of_work)
