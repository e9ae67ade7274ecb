"""Access to Genesys Cloud: a tenant's OAuth client and base URLs, and the hook that finds them."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import ValidationError

from portal.tenants.models import Tenant
from portal.vault.binding import Binding
from portal.vault.encryption import DecryptionError


@dataclass(frozen=True)
class Access:
    """A tenant's OAuth client and its two base URLs; the client secret stays in the vault.

    `draft` is the id of the set-up's draft that names the client, while the client is only being tried.
    """

    tenant_id: UUID
    login_url: str
    api_url: str
    client_id: str
    draft: str = ""

    @property
    def binding(self) -> Binding:
        """Return where the secret may be sent: to the login URL, and the token it yields to the API URL."""
        return Binding.to(self.login_url, self.api_url, client_id=self.client_id)

    @property
    def variables(self) -> dict[str, str]:
        """Return the guide's variables, for requests shown as curl commands."""
        return {"gcLoginURL": self.login_url, "gcAPIURL": self.api_url, "clientId": self.client_id}


_answers: list[Callable[[Tenant], Access | None]] = []


def register(answer: Callable[[Tenant], Access | None]) -> None:
    """Set the function that returns a tenant's client; the app that has the set-ups registers it."""
    _answers[:] = [answer]


def access_of(tenant: Tenant) -> Access | None:
    """Return the client of a tenant that is set up with Genesys Cloud CX; None for all others."""
    return next((access for answer in _answers if (access := answer(tenant))), None)


def readable_access_of(tenant: Tenant) -> Access | None:
    """Return the tenant's client, for use in an action.

    Raises ValidationError if the set-up's answers cannot be decrypted.
    """
    try:
        return access_of(tenant)
    except DecryptionError as error:
        raise ValidationError(str(error)) from error
