"""Whose Genesys Cloud is called, and with which client."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError

from portal.tenants.models import Tenant
from portal.vault.binding import Binding
from portal.vault.sealing import DoesNotOpen


@dataclass(frozen=True)
class Access:
    """A tenant's OAuth client and the two base URLs; the client's secret is in the vault, never here.

    `draft` is the id of the set-up's draft that names them, while they are only tried.
    """

    tenant_id: UUID
    login_url: str
    api_url: str
    client_id: str
    draft: str = ""

    @property
    def binding(self) -> Binding:
        """Return where the client's secret goes: to the login, and the token that it opens to the API."""
        return Binding.to(self.login_url, self.api_url, client_id=self.client_id)

    @property
    def variables(self) -> dict[str, str]:
        """Return the guide's variables for curl twins."""
        return {"gcLoginURL": self.login_url, "gcAPIURL": self.api_url, "clientId": self.client_id}


_answers: list[Callable[[Tenant], Access | None]] = []


def register(answer: Callable[[Tenant], Access | None]) -> None:
    """Set the function that knows a tenant's client; the upper room with the set-ups registers it."""
    _answers[:] = [answer]


def access_of(tenant: Tenant) -> Access | None:
    """Return the client of a tenant whose option is Genesys Cloud CX; None for all others."""
    return next((access for answer in _answers if (access := answer(tenant))), None)


def readable_access_of(tenant: Tenant) -> Access | None:
    """Return the same for an action. Raises ValidationError where the set-up's answers do not open any more."""
    try:
        return access_of(tenant)
    except DoesNotOpen as error:
        raise ValidationError(str(error)) from error
