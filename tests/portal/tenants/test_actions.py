"""Editing a tenant changes what people enter of it, and nothing else of the row."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from tests.support.lines import changes_of

OTHER = UUID("11111111-2222-4333-8444-555555555555")


@pytest.mark.parametrize(
    "facts", [{"archived_at": datetime(2026, 1, 1, tzinfo=UTC)}, {"pk": OTHER}, {"id": OTHER}, {"created_at": None}]
)
def test_no_other_column_can_be_set_past_its_own_action(tenant: Tenant, actor: Actor, facts: dict[str, Any]) -> None:
    edit: Any = edit_tenant
    with pytest.raises(TypeError):
        edit(actor, tenant, **facts)
    tenant.refresh_from_db()
    assert tenant.archived_at is None
    assert not Event.objects.filter(verb="tenant.changed").exists()


def test_what_is_not_given_stays(tenant: Tenant, actor: Actor) -> None:
    before = tenant.nexus_url
    edit_tenant(actor, tenant, name="Acme 2")
    tenant.refresh_from_db()
    assert (tenant.name, tenant.nexus_url) == ("Acme 2", before)
    assert changes_of("tenant.changed") == {"name": ["Acme", "Acme 2"]}


def test_the_same_again_is_no_change(tenant: Tenant, actor: Actor) -> None:
    edit_tenant(actor, tenant, name=tenant.name, ccid=tenant.ccid, nexus_url=f"{tenant.nexus_url}/")
    assert not Event.objects.filter(verb="tenant.changed").exists()
