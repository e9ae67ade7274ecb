"""Storing secrets, and taking them out for a request."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from portal import rows
from portal.accounts.permission import require, require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Line, Target, record, record_many
from portal.audit.verbs import Verb
from portal.vault.kinds import Kind
from portal.vault.masking import remember
from portal.vault.models import Credential
from portal.vault.sealing import DoesNotOpen, fingerprint, seal, unseal
from portal.vault.secret_text import normal_credential

#: 256 bits: as strong as the HMAC that it keys.
MADE_BYTES = 32


class CredentialMissing(LookupError):
    """A secret that a request needs was never stored; the message names it."""


def store_credential(actor: Actor, tenant_id: UUID, kind: Kind, value: str) -> Credential:
    """Seal `value` as the tenant's credential of this kind; the same value again changes nothing.

    Raises ValidationError for what cannot be kept just as it is.
    """
    require(actor, Right.STORE_CREDENTIAL, tenant_id)
    remember({kind.value: value})
    try:
        return _store(actor, tenant_id, kind, value)
    except IntegrityError:  # somebody else stored the first one at the same moment, so this one replaces it
        return _store(actor, tenant_id, kind, value)


@transaction.atomic
def _store(actor: Actor, tenant_id: UUID, kind: Kind, value: str) -> Credential:
    found = Credential.objects.select_for_update().filter(tenant_id=tenant_id, kind=kind).first()
    credential = found or Credential(tenant_id=tenant_id, kind=kind)
    before, after = credential.fingerprint, fingerprint(value, tenant_id)
    if found and holds(found, value):
        return found
    _fill(credential, value, actor)
    credential.save()
    record(
        Verb.CREDENTIAL_REPLACED if found else Verb.CREDENTIAL_STORED,
        Target("credential", str(credential.pk), kind.label),
        actor,
        tenant_id=tenant_id,
        changes={"value": [f"fingerprint {before}" if found else None, f"changed, fingerprint {after}"]},
    )
    return credential


@transaction.atomic
def store_first_credentials(actor: Actor, many: Sequence[tuple[UUID, Kind, str]]) -> None:
    """Seal many secrets, of tenants that have none of these kinds yet, with a few statements for all of them."""
    require_in_all(actor, Right.STORE_CREDENTIAL, {tenant_id for tenant_id, _, _ in many})
    stored, lines = [], []
    for tenant_id, kind, value in many:
        remember({kind.value: value})
        credential = Credential(tenant_id=tenant_id, kind=kind)
        _fill(credential, value, actor)
        stored.append(credential)
        changes = {"value": [None, f"changed, fingerprint {credential.fingerprint}"]}
        target = Target("credential", str(credential.pk), kind.label)
        lines.append(Line(Verb.CREDENTIAL_STORED, target, tenant_id, changes))
    Credential.objects.bulk_create(stored)
    record_many(lines, actor)


def _fill(credential: Credential, value: str, actor: Actor) -> None:
    if not value or normal_credential(Kind(credential.kind), value) != value:
        raise ValidationError("A secret is kept as it was checked: not empty, and without line breaks at its ends.")
    credential.ciphertext = seal(value.encode(), credential.place())
    credential.fingerprint = fingerprint(value, credential.tenant_id)
    credential.set_at, credential.set_by_id, credential.set_by_label = timezone.now(), actor.user_id, actor.label


def holds(found: Credential, value: str) -> bool:
    """Say whether this is the stored value; nothing else leaves the vault here."""
    try:
        return unseal(found.ciphertext, found.place()).decode() == value
    except DoesNotOpen:  # entering it again is the way to mend this
        return False


def make_credential(actor: Actor, tenant_id: UUID, kind: Kind) -> str:
    """Make a strong secret, store it, and return it: the only time that anybody sees it."""
    value = secrets.token_urlsafe(MADE_BYTES)
    store_credential(actor, tenant_id, kind, value)
    return value


@dataclass(frozen=True)
class Revealed:
    """Secrets that were taken out for a request, and their fingerprints, both by the guide's variable name."""

    rows: list[Credential]
    values: dict[str, str] = field(repr=False)

    @property
    def fingerprints(self) -> dict[str, str]:
        """Return what may be kept of them."""
        return {row.kind: row.fingerprint for row in self.rows}


NOTHING: Final = Revealed([], {})


def reveal(tenant_id: UUID, kinds: Iterable[Kind]) -> Revealed:
    """Return what a request needs; whoever sends it also calls `note_use`, in the transaction that goes before.

    Raises CredentialMissing for what was never stored, DoesNotOpen for what was tampered with; both name it.
    """
    wanted = list(kinds)
    stored = {row.kind: row for row in rows.select(Credential, tenant=tenant_id) if row.kind in wanted}
    missing = [kind.label for kind in wanted if kind not in stored]
    if missing:
        raise CredentialMissing(f"{', '.join(missing)} of this tenant is not stored yet. Enter it, then resume.")
    values = {kind: _opened(row) for kind, row in stored.items()}
    remember(values)
    return Revealed([*stored.values()], values)


def note_use(revealed: Revealed) -> None:
    """Note, in the caller's transaction, that the secrets are used now."""
    now = timezone.now()
    for row in revealed.rows:
        row.last_used_at = now
    rows.update_many(revealed.rows, ("last_used_at",))


def reveal_for_sending(tenant_id: UUID, kinds: Iterable[Kind]) -> dict[str, str]:
    """Return the values that a request needs, and note that they are used; raises what `reveal` raises."""
    revealed = reveal(tenant_id, kinds)
    note_use(revealed)
    return revealed.values


def _opened(row: Credential) -> str:
    try:
        return unseal(row.ciphertext, row.place()).decode()
    except DoesNotOpen as error:
        raise DoesNotOpen(f"{row.label}: {error}") from error
