"""What the vault holds: the values that tests look for, read without the check that a request has to pass."""

from collections.abc import Iterable
from uuid import UUID

from portal.vault.encryption import decrypt
from portal.vault.kinds import Kind
from portal.vault.models import Credential


def stored_values(tenant_id: UUID, kinds: Iterable[Kind]) -> dict[str, str]:
    """Return the value of each kind that was stored last, in a draft or live, by the guide's variable name."""
    rows = Credential.objects.filter(tenant=tenant_id, kind__in=list(kinds)).order_by("set_at")
    return {row.kind: decrypt(row.ciphertext, row.place()).decode() for row in rows}
