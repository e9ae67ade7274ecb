"""Handing a password to a person: shown once to whoever takes it, and gone from the vault with that."""

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant
from portal.vault import masking
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from portal.vault.sealing import unseal

#: The kinds that are stored for nothing but this.
HANDED_OVER = frozenset({Kind.ORG_PASSWORD})


class NothingToHandOver(LookupError):
    """Somebody took it already, or nobody ever stored it."""


@atomic
def reveal_once(actor: Actor, tenant: Tenant, kind: Kind) -> str:
    """Return the secret and delete it, in one transaction with its line of history.

    Raises NothingToHandOver, and DoesNotOpen for one that was tampered with.
    """
    require(actor, Right.REVEAL_CREDENTIAL, tenant.pk)
    if kind not in HANDED_OVER:
        raise NothingToHandOver
    stored = Credential.objects.select_for_update(no_key=True).filter(tenant=tenant, kind=kind).first()
    if stored is None:
        raise NothingToHandOver
    value = unseal(stored.ciphertext, stored.place()).decode()
    masking.remember({kind.value: value})
    record(
        Verb.CREDENTIAL_REVEALED,
        Target("credential", str(stored.pk), kind.label),
        actor,
        tenant_id=tenant.pk,
        changes={"value": [f"fingerprint {stored.fingerprint}", None]},
    )
    stored.delete()
    return value
