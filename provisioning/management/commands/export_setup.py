"""`manage.py export_setup`: the tenants and their set-ups in the form that `manage.py apply` reads."""

import os
import sys
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit.actors import command_line
from portal.tenants.models import Tenant
from portal.vault.sealing import DoesNotOpen
from provisioning.apply.exporting import export, record_export


class Command(BaseCommand):
    """Writes YAML without secrets to the standard output; archived tenants are left out."""

    help = "Writes the tenants' set-ups as YAML, without secrets."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take one tenant, or none for all of them."""
        parser.add_argument("--tenant", metavar="CCID", help="only the tenant with this contact centre id")

    def handle(self, *_: Any, **options: Any) -> None:
        """Write the file; what a person can mend is one line."""
        tenants = Tenant.objects.filter(archived_at=None)
        if options["tenant"]:
            tenants = tenants.filter(ccid=_ccid(options["tenant"]))
            if not tenants.exists():
                raise CommandError(f"No tenant has the contact centre id {options['tenant']}, or it was archived.")
        record_export(command_line(), tenants)
        try:
            for piece in export(tenants):
                self.stdout.write(piece, ending="")
        except BrokenPipeError:  # whoever reads it has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except DoesNotOpen as error:
            raise CommandError(str(error)) from error


def _ccid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError("--tenant takes a whole contact centre id: 8-4-4-4-12 characters.") from None
