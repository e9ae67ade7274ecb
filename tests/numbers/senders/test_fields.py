"""A long code is one number, however it was typed: the database has it in one form."""

import pytest
from django.db import IntegrityError, transaction

from portal.tenants.models import Tenant
from senders.models import SenderId

pytestmark = [pytest.mark.databases, pytest.mark.django_db]


def test_a_row_has_the_leading_1_and_is_found_with_and_without_it(tenant: Tenant) -> None:
    made = SenderId.objects.create(tenant=tenant, number="8445551212", provider="Portico")
    assert made.number == "18445551212"
    for typed in ("8445551212", "18445551212"):
        assert SenderId.objects.get(tenant=tenant, number=typed) == made
        assert SenderId.objects.get(tenant=tenant, number__in=[typed]) == made


def test_the_table_takes_a_number_once(tenant: Tenant) -> None:
    SenderId.objects.create(tenant=tenant, number="8445551212", provider="Portico")
    with pytest.raises(IntegrityError), transaction.atomic():
        SenderId.objects.bulk_create([SenderId(tenant=tenant, number="18445551212", provider="Portico")])


@pytest.mark.parametrize("number", ["22345", "1650466114"])
def test_other_numbers_stay_as_they_are(tenant: Tenant, number: str) -> None:
    assert SenderId.objects.create(tenant=tenant, number=number, provider="Portico").number == number
