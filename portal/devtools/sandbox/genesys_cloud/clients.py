"""OAuth clients of Genesys Cloud and their permissions."""

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

VIEW: Final = "messagingProvisioning:phoneNumber:view"
ADD: Final = "messagingProvisioning:phoneNumber:add"
EDIT: Final = "messagingProvisioning:phoneNumber:edit"
DELETE: Final = "messagingProvisioning:phoneNumber:delete"
ALL: Final = (VIEW, ADD, EDIT, DELETE)

# The initial client, with all permissions. Invented and public.
DEMO_CLIENT_ID: Final = "4da40a9d-b113-4024-8ba9-c9dd89c91f67"
DEMO_CLIENT_SECRET: Final = "sandbox-client-secret"  # noqa: S105 - valid only in this sandbox
DEMO_ORGANIZATION: Final = "47d8329d-1c28-4c86-9374-559cf8bd2a1d"


@dataclass
class Client:
    """An OAuth client with the grant type Client Credentials."""

    client_id: str
    secret: str
    permissions: set[str]
    organization: str
    created_at: str

    def shown(self) -> dict[str, object]:
        """Return the client as the control plane shows it, including its secret."""
        return {
            "client_id": self.client_id,
            "secret": self.secret,
            "permissions": sorted(self.permissions),
            "organization": self.organization,
            "created_at": self.created_at,
        }


class Grant(NamedTuple):
    """The claims of a token: its client, and the client's permissions when it was issued."""

    client_id: str
    permissions: frozenset[str]


def create(
    client_id: str | None = None,
    secret: str | None = None,
    permissions: Iterable[str] | None = None,
    organization: str | None = None,
) -> Client:
    """Create a client; omitted values are generated, and by default all permissions are granted."""
    return Client(
        client_id or str(uuid.uuid4()),
        secret or secrets.token_urlsafe(24),
        set(ALL if permissions is None else permissions),
        organization or DEMO_ORGANIZATION,
        datetime.now(UTC).isoformat(timespec="milliseconds"),
    )


def demo_client() -> Client:
    """Return the initial client."""
    return create(DEMO_CLIENT_ID, DEMO_CLIENT_SECRET)
