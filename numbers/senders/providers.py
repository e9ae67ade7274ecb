"""Provider of a tenant's sender IDs, from a function that the app with the set-ups registers."""

from collections.abc import Callable

from portal.tenants.models import Tenant

#: The provider that Digital Channels uses if a section names none (guide).
DEFAULT = "Portico"
_answers: list[Callable[[Tenant], str | None]] = []


def register(answer: Callable[[Tenant], str | None]) -> None:
    """Set the function that returns a tenant's provider, or None before a set-up."""
    _answers[:] = [answer]


def provider_of(tenant: Tenant) -> str:
    """Return the provider of the tenant's SMS service, or the default."""
    return next((name for answer in _answers if (name := answer(tenant))), DEFAULT)
