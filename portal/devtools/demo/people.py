"""Demo users, one for each role."""

import base64
from dataclasses import dataclass

from django.utils.crypto import salted_hmac

from portal.accounts.actions import add_person, grant_role
from portal.accounts.models import User
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.tenants.models import Tenant

_PASSWORD_BYTES = 10


@dataclass(frozen=True)
class SignIn:
    """The credentials of a demo user."""

    email: str
    password: str


def sign_in_of(role: Role) -> SignIn:
    """Return a role's credentials. The password is derived from this machine's secret, so it never changes."""
    email = f"{role.value}@demo.example"
    digest = salted_hmac("the demo's passwords", email, algorithm="sha256").digest()
    return SignIn(email, base64.b32encode(digest[:_PASSWORD_BYTES]).decode().lower())


def person_for(role: Role) -> User:
    """Return the user of a role, created on first use; the administrator also administers the site."""
    sign_in = sign_in_of(role)
    found = User.objects.filter(email=sign_in.email).first()
    return found or add_person(
        command_line(),
        email=sign_in.email,
        name=f"Demo {role.label.lower()}",
        password=sign_in.password,
        is_site_administrator=role is Role.ADMINISTRATOR,
    )


def cast(tenant: Tenant) -> dict[Role, User]:
    """Return all demo users, each with its role in the tenant."""
    people = {role: person_for(role) for role in Role}
    for role, user in people.items():
        grant_role(command_line(), user=user, tenant_id=tenant.pk, role=role)
    return people
