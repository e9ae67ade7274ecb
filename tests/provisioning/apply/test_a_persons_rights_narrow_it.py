"""`--as` acts with the rights of one person; who may not is told before anything is changed."""

import pytest

from portal.accounts.models import Membership, User
from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from provisioning.models import Setup
from tests.provisioning.apply.conftest import ACME, ALL_THREE, Apply, file_of, rows


@pytest.mark.parametrize("role", ["auditor", "representative", "outsider"])
def test_who_may_not_is_refused_and_nothing_is_changed(
    apply: Apply, tenant_at_sandbox: Tenant, sandbox: Control, request: pytest.FixtureRequest, role: str
) -> None:
    user: User = request.getfixturevalue(role)
    before = rows()
    applied = apply(file_of(ACME), "--inline", "--as", user.email)
    assert applied.code == 2
    assert f"tenants[0], line 2: {user.email} may not set up its SMS." in applied.err
    assert (rows(), sandbox.ledger()) == (before, [])


def test_an_administrator_sets_up_their_tenant_and_adds_none(
    apply: Apply, tenant_at_sandbox: Tenant, administrator: User
) -> None:
    refused = apply(ALL_THREE, "--inline", "--as", administrator.email)
    assert refused.code == 2
    assert [line.split(": ")[1] for line in refused.err.splitlines()[:2]] == [
        f"{administrator.email} may not add tenants."
    ] * 2
    assert apply(file_of(ACME), "--inline", "--as", administrator.email).code == 0
    assert Setup.objects.get().started_by == administrator
    kinds = Event.objects.filter(chain=str(tenant_at_sandbox.pk), verb="setup.started").values_list("actor_kind")
    assert list(kinds) == [("person",)]


def test_a_site_administrator_adds_tenants_and_becomes_their_administrator(
    apply: Apply, site_administrator: User
) -> None:
    applied = apply(ALL_THREE, "--inline", "--as", site_administrator.email)
    assert applied.code == 0, applied.err
    assert set(Membership.objects.values_list("user", "role")) == {(site_administrator.pk, "administrator")}
    assert Membership.objects.count() == 3
    assert apply(ALL_THREE, "--inline", "--as", site_administrator.email).out == "Tenants: 3 unchanged.\n"


def test_nobody_is_refused(apply: Apply) -> None:
    applied = apply(ALL_THREE, "--as", "nobody@example.com")
    assert (applied.code, applied.err) == (2, "Nobody signs in as nobody@example.com.")


def test_an_archived_tenant_is_named(apply: Apply, tenant_at_sandbox: Tenant) -> None:
    archive_tenant(command_line(), tenant_at_sandbox)
    applied = apply(file_of(ACME))
    assert applied.code == 2
    assert "tenants[0], line 2: The tenant with this contact centre id at this Nexus URL was archived." in applied.err
