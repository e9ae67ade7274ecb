"""`manage.py export_setup`: exports tenants and set-ups in the format that `manage.py apply` reads."""

import os
import sys
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from portal.audit.actors import command_line
from portal.tenants.lookup import tenant_called
from portal.tenants.models import Tenant
from provisioning.bulk.exporter import Incomplete, export, record_export


class Command(BaseCommand):
    """Writes YAML without secrets to the standard output; archived tenants are left out."""

    help = "Writes the tenants' set-ups as YAML, without secrets."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Add `--tenant`; without it all tenants are exported."""
        parser.add_argument("--tenant", metavar="CCID[@HOST]", help="only the tenant with this contact centre id")

    def handle(self, *_: Any, **options: Any) -> None:
        """Write the file; every expected failure is a one-line message."""
        tenants = Tenant.objects.filter(archived_at=None)
        if options["tenant"]:
            tenants = tenants.filter(pk=_tenant(options["tenant"], tenants).pk)
        record_export(command_line(), tenants)
        try:
            for piece in export(tenants):
                self.stdout.write(piece, ending="")
        except BrokenPipeError:  # the reader has closed the pipe
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except Incomplete as error:
            raise CommandError(str(error)) from error


def _tenant(text: str, among: QuerySet[Tenant]) -> Tenant:
    try:
        return tenant_called(text, among)
    except ValidationError as error:
        raise CommandError(f"{' '.join(error.messages)} Archived tenants are left out.") from None
