"""Vault actions: store, replace and delete credentials, and decrypt them for a request."""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from portal.accounts.permission import require, require_in_all
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import NewEvent, Target, record, record_many
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.core.db import fast_sql
from portal.core.logging.redaction import remember_secret
from portal.core.origins import origin_of
from portal.vault.binding import OF_CLIENTS, Binding, refusal
from portal.vault.encryption import DecryptionError, decrypt, encrypt, fingerprint
from portal.vault.kinds import Kind
from portal.vault.lookup import Uses, choose, refusals
from portal.vault.models import Credential
from portal.vault.secret_text import normal_credential

#: 256 bits, as strong as the HMAC that uses the key.
MADE_BYTES = 32


class CredentialMissing(LookupError):
    """A credential that a request needs was never stored; the message names it."""


class CredentialElsewhere(CredentialMissing):
    """A credential was stored for other addresses than the one it would be sent to; the message names both."""


def store_credential(  # noqa: PLR0913 - the columns of a credential
    actor: Actor, tenant_id: UUID, kind: Kind, value: str, *, binding: Binding | None = None, draft: str = ""
) -> Credential:
    """Encrypt and store a credential; the same value with the same binding changes nothing.

    `binding` says where the credential may be sent. Without it, a replacement keeps the old binding and a first one may
    be sent nowhere. With `draft`, the id of a set-up, live work does not use the credential until the set-up starts.
    Raises ValidationError if the value is not in its normal form.
    """
    require(actor, Right.STORE_CREDENTIAL, tenant_id)
    remember_secret({kind.value: value})
    try:
        return _store(actor, tenant_id, kind, value, binding, draft)
    except IntegrityError:  # another process stored the first one at the same moment, so this one replaces it
        return _store(actor, tenant_id, kind, value, binding, draft)


@atomic
def _store(  # noqa: PLR0913, PLR0917 - the columns of a credential
    actor: Actor, tenant_id: UUID, kind: Kind, value: str, binding: Binding | None, draft: str
) -> Credential:
    _lock_all(tenant_id)
    found = _locked(tenant_id, kind, binding or Binding(), draft)
    wanted = binding or (found.binding if found else Binding())
    credential = found or Credential(tenant_id=tenant_id, kind=kind, draft=draft)
    before, places = credential.fingerprint, credential.binding.places
    if found and found.is_current and found.binding == wanted and holds(found, value):
        return found
    credential.binding, credential.is_current = wanted, True
    _fill(credential, value, actor)
    credential.save()
    if not draft:
        _supersede_others(credential)
    changes: dict[str, Any] = {}
    if before != credential.fingerprint or not found:
        changes["value"] = [
            f"fingerprint {before}" if found else None,
            f"changed, fingerprint {credential.fingerprint}",
        ]
    if places != wanted.places:
        changes["goes to"] = [places or None, wanted.places or None]
    record(
        Verb.CREDENTIAL_REPLACED if found else Verb.CREDENTIAL_STORED,
        _target(credential),
        actor,
        tenant_id=tenant_id,
        changes=changes,
    )
    return credential


def _lock_all(tenant_id: UUID) -> None:
    """Lock all of the tenant's credentials in one order, since storing one may supersede several."""
    stored = Credential.objects.filter(tenant_id=tenant_id).order_by("pk")
    list(stored.select_for_update(no_key=True).values("pk"))


def _locked(tenant_id: UUID, kind: Kind, binding: Binding, draft: str) -> Credential | None:
    """Return the row that a new value replaces; a client's secret replaces only its own, at the same addresses."""
    own = Credential.objects.select_for_update(no_key=True).filter(tenant_id=tenant_id, kind=kind, draft=draft)
    if kind in OF_CLIENTS:
        own = own.filter(client_id=binding.client_id, origins=binding.origins)
    return own.first()


def _supersede_others(credential: Credential) -> None:
    """Mark the secrets of earlier clients as superseded; they are used only for what those clients own."""
    others = Credential.objects.filter(tenant_id=credential.tenant_id, kind=credential.kind, draft="", is_current=True)
    others.exclude(pk=credential.pk).update(is_current=False)


@atomic
def store_first_credentials(actor: Actor, many: Sequence[tuple[UUID, Kind, str, Binding]]) -> None:
    """Encrypt and store many credentials with a few statements, for tenants that have none of these kinds yet."""
    require_in_all(actor, Right.STORE_CREDENTIAL, {tenant_id for tenant_id, *_ in many})
    stored, lines = [], []
    for tenant_id, kind, value, binding in many:
        remember_secret({kind.value: value})
        credential = Credential(tenant_id=tenant_id, kind=kind)
        credential.binding = binding
        _fill(credential, value, actor)
        stored.append(credential)
        changes: dict[str, Any] = {"value": [None, f"changed, fingerprint {credential.fingerprint}"]}
        if binding.places:
            changes["goes to"] = [None, binding.places]
        lines.append(NewEvent(Verb.CREDENTIAL_STORED, _target(credential), tenant_id, changes))
    Credential.objects.bulk_create(stored)
    record_many(lines, actor)


@atomic
def adopt_draft(actor: Actor, tenant_id: UUID, draft: str) -> None:
    """Make a draft's credentials live, because its set-up starts now."""
    require(actor, Right.STORE_CREDENTIAL, tenant_id)
    stored = (
        Credential.objects.select_for_update(no_key=True)
        .filter(tenant_id=tenant_id, draft__in=["", draft])
        .order_by("pk")
    )
    lines = []
    live = {
        (row.kind, row.client_id, row.origins if row.kind in OF_CLIENTS else ""): row for row in stored if not row.draft
    }
    for row in [row for row in stored if row.draft]:
        replaced = live.get((row.kind, row.client_id, row.origins if row.kind in OF_CLIENTS else ""))
        lines.append(
            NewEvent(
                Verb.CREDENTIAL_REPLACED if replaced else Verb.CREDENTIAL_STORED,
                _target(row),
                tenant_id,
                _taken(replaced, row),
            )
        )
        if replaced:
            replaced.delete()
        row.draft = ""
        row.save(update_fields=["draft"])
        _supersede_others(row)
    record_many(lines, actor)


def _taken(replaced: Credential | None, row: Credential) -> dict[str, Any]:
    before = f"fingerprint {replaced.fingerprint}" if replaced else None
    places = (replaced.binding.places or None) if replaced else None
    return {"value": [before, f"fingerprint {row.fingerprint}"], "goes to": [places, row.binding.places or None]}


@atomic
def forget_draft(actor: Actor, tenant_id: UUID, draft: str) -> None:
    """Delete the credentials of a draft that was not started."""
    require(actor, Right.STORE_CREDENTIAL, tenant_id)
    own = Credential.objects.select_for_update(no_key=True).filter(tenant_id=tenant_id, draft=draft).exclude(draft="")
    _forget(actor, list(own.order_by("pk")))


@atomic
def leave_nexus(actor: Actor, tenant_id: UUID, *, has_new_key: bool) -> None:
    """Unbind all credentials from the tenant's Digital Channels, because its address has changed.

    The API key is deleted, unless a new one replaces it. Others keep their remaining addresses.
    """
    require(actor, Right.STORE_CREDENTIAL, tenant_id)
    stored = list(Credential.objects.select_for_update(no_key=True).filter(tenant_id=tenant_id).order_by("pk"))
    for row in stored:
        if row.nexus_origin:
            _bind(row, replace(row.binding, nexus_origin=""))
    if not has_new_key:
        _forget(actor, [row for row in stored if row.kind == Kind.NEXUS_API_KEY])


@atomic
def bind_made(actor: Actor, credential: Credential, binding: Binding) -> None:
    """Bind a secret that the portal generated in a draft before its address was known."""
    require(actor, Right.STORE_CREDENTIAL, credential.tenant_id)
    row = Credential.objects.select_for_update(no_key=True).get(pk=credential.pk)
    if row.binding == Binding() and row.draft:
        _bind(row, binding)
        changes = {"goes to": [None, binding.places]}
        record(Verb.CREDENTIAL_STORED, _target(row), actor, tenant_id=row.tenant_id, changes=changes)


def _bind(row: Credential, binding: Binding) -> None:
    """Encrypt the value again with another binding; one that cannot be decrypted has to be entered again."""
    try:
        value = decrypt(row.ciphertext, row.place())
    except DecryptionError:
        row.binding = binding
    else:
        row.binding = binding
        row.ciphertext = encrypt(value, row.place())
    row.save(update_fields=["ciphertext", "origins", "nexus_origin", "client_id"])


def _forget(actor: Actor, stored: Sequence[Credential]) -> None:
    lines = [
        NewEvent(
            Verb.CREDENTIAL_FORGOTTEN, _target(row), row.tenant_id, {"value": [f"fingerprint {row.fingerprint}", None]}
        )
        for row in stored
    ]
    for row in stored:
        row.delete()
    record_many(lines, actor)


def _target(credential: Credential) -> Target:
    return Target("credential", str(credential.pk), credential.label)


def _fill(credential: Credential, value: str, actor: Actor) -> None:
    if not value or normal_credential(Kind(credential.kind), value) != value:
        raise ValidationError("A secret is kept as it was checked: not empty, and without line breaks at its ends.")
    credential.ciphertext = encrypt(value.encode(), credential.place())
    credential.fingerprint = fingerprint(value, credential.tenant_id)
    credential.set_at, credential.set_by_id, credential.set_by_label = timezone.now(), actor.user_id, actor.label


def holds(found: Credential, value: str) -> bool:
    """Return whether this is the stored value; the stored value itself is not revealed."""
    try:
        return decrypt(found.ciphertext, found.place()).decode() == value
    except DecryptionError:  # entering it again repairs this
        return False


def make_credential(actor: Actor, tenant_id: UUID, kind: Kind, *, draft: str = "") -> str:
    """Generate and store a strong secret, and return it to be shown this one time.

    In a draft it has no address until the step that names one is saved.
    """
    value = secrets.token_urlsafe(MADE_BYTES)
    store_credential(actor, tenant_id, kind, value, binding=Binding() if draft else None, draft=draft)
    return value


@dataclass(frozen=True)
class Revealed:
    """Decrypted credentials for a request, by the guide's variable name."""

    rows: list[Credential]
    values: dict[str, str] = field(repr=False)

    @property
    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprints by name; unlike the values, these may be stored."""
        return {row.kind: row.fingerprint for row in self.rows}


NOTHING: Final = Revealed([], {})


def reveal(
    tenant_id: UUID, uses: Uses, *, sent_to: Iterable[str], draft: str = "", superseded: bool = False
) -> Revealed:
    """Decrypt the credentials for some requests. The caller also calls `note_use`, in the transaction before sending.

    The address check is here: `uses` has the binding that each credential needs, `sent_to` the URLs of the requests.
    `draft` and `superseded` are as in `lookup.choose`. Raises CredentialMissing if one was never stored,
    CredentialElsewhere if it was stored for other addresses, DecryptionError if it cannot be decrypted; all name it.
    """
    stored = fast_sql.select(Credential, tenant=tenant_id)
    found = {kind: choose(stored, kind, wanted, draft=draft, superseded=superseded) for kind, wanted in uses.items()}
    there = {kind: row for kind, row in found.items() if row is not None}
    if missing := [kind.label for kind in uses if kind not in there]:
        raise CredentialMissing(f"{', '.join(missing)} of this tenant is not stored yet. Enter it, then resume.")
    if sentence := refusals((row, uses[kind]) for kind, row in there.items()):
        raise CredentialElsewhere(sentence)
    for url in sent_to:
        if labels := [row.label for row in there.values() if not row.binding.allows(url)]:
            raise CredentialElsewhere(refusal(labels, next(iter(there.values())).binding.places, [origin_of(url)]))
    values = {kind.value: _opened(row) for kind, row in there.items()}
    remember_secret(values)
    # Sorted as everywhere else that locks these rows, so that recording their use cannot deadlock.
    return Revealed(sorted(there.values(), key=lambda row: row.pk), values)


def note_use(revealed: Revealed) -> None:
    """Record in the caller's transaction that the credentials are used now."""
    now = timezone.now()
    for row in revealed.rows:
        row.last_used_at = now
    fast_sql.update_many(sorted(revealed.rows, key=attrgetter("pk")), ("last_used_at",))


def reveal_for_sending(
    tenant_id: UUID, uses: Uses, *, sent_to: Iterable[str], draft: str = "", superseded: bool = False
) -> dict[str, str]:
    """Return the decrypted values for a request and record their use. Raises what `reveal` raises."""
    revealed = reveal(tenant_id, uses, sent_to=sent_to, draft=draft, superseded=superseded)
    note_use(revealed)
    return revealed.values


def reveal_for_redaction(tenant_id: UUID) -> dict[str, str]:
    """Return the values of the tenant's credentials that can be decrypted: to redact an answer, never to be sent."""
    values: dict[str, str] = {}
    for row in fast_sql.select(Credential, tenant=tenant_id):
        with suppress(DecryptionError):
            values[f"{row.kind} {row.pk}" if row.kind in values else row.kind] = _opened(row)
    remember_secret(values)
    return values


def _opened(row: Credential) -> str:
    try:
        return decrypt(row.ciphertext, row.place()).decode()
    except DecryptionError as error:
        raise DecryptionError(f"{row.label}: {error}") from error
