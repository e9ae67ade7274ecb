"""`manage.py people`: adds, lists and disables people."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.views.decorators.debug import sensitive_variables

from portal.accounts.actions import MAKE_ON_SITE, add_person, disable_person, grant_role, normal
from portal.accounts.models import User
from portal.accounts.rights import Role, SiteRole
from portal.audit.actors import command_line
from portal.audit.transactions import atomic
from portal.people.actions import invite
from portal.people.forms import any_role
from portal.people.mail import link_to
from portal.tenants.actions import refuse_if_archived
from portal.tenants.lookup import names_of, tenant_called
from portal.tenants.models import Tenant

_CCID = "CCID[@HOST]"
_ROLES = [*Role.values, *SiteRole.values]


class Command(BaseCommand):
    """`people add EMAIL --role ROLE`, `people list`, `people disable EMAIL --reason R`."""

    help = "Adds, lists and disables people. Exit code: 0 done, 1 refused, 2 misused."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add one subcommand per verb."""
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=ArgumentParser)
        add = verbs.add_parser("add", help="print an invitation's link, or add the person with a password")
        add.add_argument("email")
        add.add_argument("--role", required=True, choices=_ROLES)
        add.add_argument("--tenant", metavar=_CCID, help="the tenant's contact centre id; roles on the site need none")
        add.add_argument("--name", default="", help="how others see them; for --password-stdin")
        add.add_argument("--password-stdin", action="store_true", help="read the password from the standard input")
        listing = verbs.add_parser("list", help="one line for each role of each person")
        listing.add_argument("--tenant", metavar=_CCID, help="only the people of this tenant")
        disable = verbs.add_parser("disable", help="let a person in no more")
        disable.add_argument("email")
        disable.add_argument("--reason", required=True, help="it stands in the history")

    def handle(self, *_: Any, **options: Any) -> None:
        """Run the verb; an error that the user can fix is one line, not a traceback."""
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "add": self.add,
            "list": self.list,
            "disable": self.disable,
        }
        try:
            verbs[options["verb"]](options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DatabaseError as error:
            raise CommandError(
                f"The database does not take it ({type(error).__name__}). Nothing was changed."
            ) from error

    def add(self, options: dict[str, Any]) -> None:
        """Invite a person, or add them at once."""
        tenant, role = _place(options["tenant"], options["role"])
        if options["password_stdin"]:
            self._add_at_once(options, tenant, role)
            return
        if options["name"]:
            raise CommandError("--name goes with --password-stdin: whoever is invited enters their own name.")
        invitation, token = invite(command_line(), email=options["email"], tenant=tenant, role=role)
        self.stderr.write(
            f"{invitation.email} is invited as {invitation}. The link works once, and is shown this once:"
        )
        self.stdout.write(link_to(token))

    @sensitive_variables()
    def _add_at_once(self, options: dict[str, Any], tenant: Tenant | None, role: Role | SiteRole) -> None:
        password = sys.stdin.readline().rstrip("\r\n")
        user = _add_with_role(options["email"], options["name"], password, tenant, role)
        self.stdout.write(f"{user.email} was added as {_called(tenant, role)}.")

    def list(self, options: dict[str, Any]) -> None:
        """Write e-mail address, state, role and tenant, separated by tabs."""
        people = User.objects.order_by("email").prefetch_related("memberships__tenant")
        only = _tenant(options["tenant"]) if options["tenant"] else None
        for user in people.filter(memberships__tenant=only).distinct() if only else people:
            self._tell(user, only)

    def _tell(self, user: User, only: Tenant | None) -> None:
        held = [each for each in user.memberships.all() if only in {None, each.tenant}]
        roles = [(role.value, "the site") for role in user.site_roles if only is None]
        roles += [(each.role, f"{each.tenant.name} ({names_of([each.tenant])[0]})") for each in held]
        for role, place in roles or [("none", "")]:
            self.stdout.write("\t".join([user.email, "active" if user.is_active else "disabled", role, place]))

    def disable(self, options: dict[str, Any]) -> None:
        """Disable a person."""
        if not options["reason"].strip():
            raise CommandError("--reason must say why; it stands in the history.")
        user = User.objects.filter(email=normal(options["email"])).first()
        if user is None:
            raise CommandError(f"Nobody signs in with {options['email']}.")
        disable_person(command_line(), user, reason=options["reason"])
        self.stdout.write(f"{user.email} is disabled and signed out everywhere.")


def _place(ccid: str | None, name: str) -> tuple[Tenant | None, Role | SiteRole]:
    """Return the tenant and the role in it, or None and a role on the site."""
    role = any_role(name)
    if isinstance(role, SiteRole):
        if ccid:
            raise CommandError(f"A {role.label.lower()} has no tenant: leave --tenant out.")
        return None, role
    if not ccid:
        raise CommandError(f"--role {role} needs --tenant CCID.")
    tenant = _tenant(ccid)
    refuse_if_archived(tenant)
    return tenant, role


def _tenant(text: str) -> Tenant:
    try:
        return tenant_called(text, Tenant.objects.all())
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from None


@sensitive_variables()
@atomic
def _add_with_role(email: str, name: str, password: str, tenant: Tenant | None, role: Role | SiteRole) -> User:
    user = add_person(command_line(), email=email, name=name, password=password)
    if isinstance(role, SiteRole):
        MAKE_ON_SITE[role](command_line(), user, reason="Added from the command line")
    elif tenant is not None:
        grant_role(command_line(), user=user, tenant_id=tenant.pk, role=role)
    return user


def _called(tenant: Tenant | None, role: Role | SiteRole) -> str:
    return f"{role.label} of {tenant}" if tenant else role.label.lower()
