"""Whose Genesys Cloud is called, and with which client."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class Access:
    """A tenant's OAuth client and the two base URLs; the client's secret is in the vault, never here."""

    tenant_id: UUID
    login_url: str
    api_url: str
    client_id: str

    @property
    def variables(self) -> dict[str, str]:
        """Return the guide's variables for curl twins."""
        return {"gcLoginURL": self.login_url, "gcAPIURL": self.api_url, "clientId": self.client_id}
