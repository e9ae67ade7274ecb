"""Sender ID check: a toll-free sender ID must be a number of the tenant's Genesys Cloud organisation."""

from collections.abc import Iterator, Sequence

from genesys_cloud.connection_test import last_good_test
from portal.tenants.models import Tenant
from senders.checks import Finding, finding
from senders.models import SenderId
from senders.phone_numbers import is_toll_free
from tollfree.inventory.models import InventoryRefresh, OwnedNumber


def toll_free_numbers_are_the_tenants(tenant: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    """Find toll-free sender IDs that Genesys Cloud does not list; finds nothing if no list was ever read."""
    test, listed = last_good_test(tenant), numbers_of(tenant)
    if test is None and listed is None:
        return
    owned = {*(test.numbers if test else []), *(listed or [])}
    for sender in senders:
        if is_toll_free(sender.number) and sender.number not in owned:
            yield finding(
                sender, "bad", "Genesys Cloud does not list this toll-free number among those of the organisation."
            )


def numbers_of(tenant: Tenant) -> list[str] | None:
    """Return the inventory's numbers, including newly ordered ones; None if nothing is known yet."""
    there = OwnedNumber.objects.filter(tenant=tenant, gone_since=None, released_at=None)
    numbers = list(there.values_list("number", flat=True))
    asked = InventoryRefresh.objects.filter(tenant=tenant, good_at__isnull=False)
    return numbers if numbers or asked.exists() else None
