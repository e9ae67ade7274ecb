"""Which provider a tenant's sender IDs carry; the upper room that knows its option registers the answer."""

from collections.abc import Callable

from portal.tenants.models import Tenant

#: What Digital Channels takes where a section names none (guide).
DEFAULT = "Portico"
_answers: list[Callable[[Tenant], str | None]] = []


def register(answer: Callable[[Tenant], str | None]) -> None:
    """Set the function that knows a tenant's provider; it answers None before a set-up."""
    _answers[:] = [answer]


def provider_of(tenant: Tenant) -> str:
    """Return the provider of the tenant's SMS service, or the default."""
    return next((name for answer in _answers if (name := answer(tenant))), DEFAULT)
