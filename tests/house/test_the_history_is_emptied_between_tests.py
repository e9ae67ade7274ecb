"""The tests' own machinery: append-only tables are emptied between tests, and append-only again in each."""

import pytest
from django.db import DatabaseError, connection

from portal.audit import triggers
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant


@pytest.mark.databases
@pytest.mark.parametrize("turn", [1, 2])
def test_each_transactional_test_begins_with_its_own_history(transactional_db: None, tenant: Tenant, turn: int) -> None:
    assert Event.objects.filter(verb=Verb.TENANT_CREATED).count() == 1
    assert triggers.present(connection) == triggers.names(connection)


@pytest.mark.databases
def test_the_history_cannot_be_emptied_within_a_test(tenant: Tenant) -> None:
    with pytest.raises(DatabaseError):
        Event.objects.all().delete()
