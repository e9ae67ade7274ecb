"""Password handover: shows a stored password once and deletes it from the vault."""

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.logging import redaction
from portal.tenants.models import Tenant
from portal.vault.encryption import decrypt
from portal.vault.kinds import Kind
from portal.vault.models import Credential

#: Kinds of credentials that are stored only to be handed over.
HANDED_OVER = frozenset({Kind.ORG_PASSWORD})


class NothingToHandOver(LookupError):
    """The secret was taken already, or was never stored."""


@atomic
def reveal_once(actor: Actor, tenant: Tenant, kind: Kind) -> str:
    """Return the secret and delete it, in one transaction with its event.

    Raises NothingToHandOver, and DecryptionError if the secret cannot be decrypted.
    """
    require(actor, Right.REVEAL_CREDENTIAL, tenant.pk)
    if kind not in HANDED_OVER:
        raise NothingToHandOver
    stored = Credential.objects.select_for_update(no_key=True).filter(tenant=tenant, kind=kind).first()
    if stored is None:
        raise NothingToHandOver
    value = decrypt(stored.ciphertext, stored.place()).decode()
    redaction.remember_secret({kind.value: value})
    record(
        Verb.CREDENTIAL_REVEALED,
        Target("credential", str(stored.pk), kind.label),
        actor,
        tenant_id=tenant.pk,
        changes={"value": [f"fingerprint {stored.fingerprint}", None]},
    )
    stored.delete()
    return value
