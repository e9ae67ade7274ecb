"""Fixtures of the cast: two tenants and their people, made through the portal's own actions."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client

from portal.accounts.actions import add_person, grant_role, make_site_auditor
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.actions import add_tenant, edit_tenant
from portal.tenants.models import Tenant

PASSWORD = "correct horse battery staple"
API_KEY = "nexus-api-key-of-acme"
CCID = UUID("45acae06-6b7c-4f97-9c76-471cb5c21bf7")
OTHER_CCID = UUID("9b2f3d4e-5a61-4c7d-8e9f-0a1b2c3d4e5f")


def new_tenant(name: str, nexus_url: str) -> Tenant:
    """Add a tenant whose Nexus answers at this address, with API_KEY as its key."""
    return add_tenant(command_line(), name=name, ccid=uuid4(), nexus_url=nexus_url, nexus_api_key=API_KEY)


def new_person(name: str, *, site_administrator: bool = False) -> User:
    """Add a person `NAME@example.com` whose password is PASSWORD."""
    return add_person(
        command_line(),
        email=f"{name}@example.com",
        name=name.capitalize(),
        password=PASSWORD,
        is_site_administrator=site_administrator,
    )


def new_member(name: str, tenant: Tenant, role: Role) -> User:
    """Add a person with one role in one tenant."""
    user = new_person(name)
    grant_role(command_line(), user=user, tenant_id=tenant.pk, role=role)
    return user


@pytest.fixture
def tenant(db: None) -> Tenant:
    """Acme, whose Nexus nobody answers for; `tenant_at_sandbox` is the one to send to."""
    return add_tenant(command_line(), name="Acme", ccid=CCID, nexus_url="http://127.0.0.1:9", nexus_api_key=API_KEY)


@pytest.fixture
def tenant_at_sandbox(tenant: Tenant, sandbox: Control) -> Tenant:
    """Acme, with the sandbox as its Nexus."""
    return edit_tenant(command_line(), tenant, nexus_url=sandbox.url, nexus_api_key=API_KEY)


@pytest.fixture
def other_tenant(db: None) -> Tenant:
    """Globex, in which nobody of Acme has a role."""
    return add_tenant(
        command_line(),
        name="Globex",
        ccid=OTHER_CCID,
        nexus_url="http://127.0.0.1:9",
        nexus_api_key="globex-key",
    )


@pytest.fixture
def administrator(tenant: Tenant) -> User:
    """An administrator of Acme, who is no site administrator."""
    return new_member("administrator", tenant, Role.ADMINISTRATOR)


@pytest.fixture
def representative(tenant: Tenant) -> User:
    """A Genesys representative of Acme."""
    return new_member("representative", tenant, Role.REPRESENTATIVE)


@pytest.fixture
def auditor(tenant: Tenant) -> User:
    """An auditor of Acme."""
    return new_member("auditor", tenant, Role.AUDITOR)


@pytest.fixture
def outsider(other_tenant: Tenant) -> User:
    """An administrator of Globex, who must not learn that Acme exists."""
    return new_member("outsider", other_tenant, Role.ADMINISTRATOR)


@pytest.fixture
def site_administrator(db: None) -> User:
    """A site administrator without a role in any tenant."""
    return new_person("site", site_administrator=True)


@pytest.fixture
def actor(administrator: User) -> Actor:
    """The administrator of Acme, as an actor."""
    return person(administrator)


@pytest.fixture
def site_auditor(db: None) -> User:
    """A site auditor without a role in any tenant."""
    return make_site_auditor(command_line(), new_person("siteauditor"), reason="audits the site")


@pytest.fixture
def client_of() -> Callable[[User], Client]:
    """A signed-in browser without JavaScript: `client_of(administrator).get(...)`."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in
