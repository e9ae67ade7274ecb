"""Access tokens for Genesys Cloud: one per client, encrypted in the database, shared and renewed under a lease.

The token endpoint has its own rate limit, so only one worker requests a token at a time: it claims the renewal with one
conditional UPDATE. Other workers use the old token while it is valid, or wait for the new one. A failed renewal fails
for all workers that waited for it. Tokens never appear in messages, logs, pages or Redis.
"""

import re
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from genesys_cloud.access import Access
from genesys_cloud.http import call
from genesys_cloud.models import AccessToken
from portal.core.logging import redaction
from portal.http_client.destinations import Destination
from portal.http_client.errors import OutboundError, Unreadable
from portal.http_client.messages import Answer, Basic, Request, Secret
from portal.http_client.response_json import read_json
from portal.vault.actions import CredentialMissing, reveal_for_sending
from portal.vault.encryption import DecryptionError, decrypt, encrypt
from portal.vault.keyset import KeysetUnusable
from portal.vault.kinds import Kind

#: Purpose of the token request; an error with this purpose concerns the client id and secret.
TOKEN_PURPOSE = "get a Genesys Cloud token"  # noqa: S105 - no password
#: A token must be valid as a header's value.
_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
#: Lifetime when the response has none, and the maximum that is accepted (Genesys Cloud allows two days).
_ASSUMED_SECONDS, _LONGEST_SECONDS = 300.0, 172_800.0
#: How early a token is renewed before it expires: as a fraction of its lifetime, and at most in seconds.
_EARLY_PART, _EARLIEST_SECONDS = 0.1, 300.0
#: A token that expires within this time is not sent.
_LAST_SECONDS = 5.0
_POLL_SECONDS = 0.05
#: Delay before the next renewal, if one failed and the old token is still valid.
_AFTER_FAILURE = timedelta(seconds=30)


#: Errors before a token request can be sent: the secret is missing or cannot be decrypted, or the keyset is not
#: available. The last is temporary: workers try again.
UNASKABLE = (CredentialMissing, DecryptionError, KeysetUnusable)


class NoToken(OutboundError):
    """Another worker's renewal failed or did not finish; `detail` says why."""

    code = "no_token"
    retryable = True
    says = "{detail}"


@dataclass(frozen=True)
class Token:
    """A usable token; `serial` is the renewal that it came from, `row_id` its row."""

    value: str = field(repr=False)
    serial: int
    row_id: UUID
    obtained_at: datetime

    @property
    def secrets(self) -> dict[str, str]:
        """Return the token as the value of the marker in requests, and to be masked in what comes back."""
        return {"access_token": self.value}


@sensitive_variables()
def token_for(access: Access, *, instead_of: int | None = None, subject_id: UUID | None = None) -> Token:
    """Return a valid token; with `instead_of`, one that is newer than that renewal.

    Raises OutboundError and UNASKABLE. Call it with no transaction open.
    """
    row = _row(access)
    waited_since: int | None = None
    deadline = time.monotonic() + settings.OUTBOUND_TOTAL_SECONDS + _LAST_SECONDS
    while time.monotonic() < deadline:
        now = timezone.now()
        token = _usable(row, now, instead_of)
        if token and (row.renew_at is None or now < row.renew_at):
            return token
        if waited_since is not None and row.serial > waited_since and row.failure:
            raise NoToken(detail=row.failure)
        if lease := _claim(row, now):
            return _renew_or(token, access, row, lease, subject_id)
        if token:
            return token  # another worker is renewing it; it is still valid
        waited_since = row.serial if waited_since is None else waited_since
        time.sleep(_POLL_SECONDS)
        row.refresh_from_db()
    raise NoToken(detail="Another worker of the portal is fetching the token and has not ended. Try again in a minute.")


def new_token(access: Access, *, subject_id: UUID | None = None) -> Token:
    """Request a new token, which proves that the stored client id and secret are correct."""
    return token_for(access, instead_of=_row(access).serial, subject_id=subject_id)


def note_refused(token: Token) -> None:
    """Record that a call with this token got a 403 for a missing role, until there is a newer token."""
    AccessToken.objects.filter(pk=token.row_id, serial=token.serial).update(refused_at=timezone.now())


def was_refused(access: Access) -> bool:
    """Return whether the current token was refused for a missing role."""
    return _row(access).refused_at is not None


def forget_token(access: Access) -> None:
    """Delete the stored token."""
    AccessToken.objects.filter(pk=_row(access).pk).update(ciphertext=None, serial=F("serial") + 1, refused_at=None)


def _row(access: Access) -> AccessToken:
    row, _ = AccessToken.objects.get_or_create(
        tenant_id=access.tenant_id,
        login_url=access.login_url,
        api_url=access.api_url,
        client_id=access.client_id,
        draft=access.draft,
    )
    return row


def _usable(row: AccessToken, now: datetime, instead_of: int | None) -> Token | None:
    """Return the stored token if it may still be sent.

    A failed renewal raises the serial but leaves the old token, which does not count as newer.
    """
    if row.ciphertext is None or row.expires_at is None or row.obtained_at is None:
        return None
    if row.expires_at <= now + timedelta(seconds=_LAST_SECONDS):
        return None
    if instead_of is not None and (row.serial <= instead_of or row.failure):
        return None
    try:
        value = decrypt(row.ciphertext, row.place()).decode()
    except DecryptionError:  # a new token replaces it
        return None
    redaction.remember_secret({"access_token": value})
    return Token(value, row.serial, row.pk, row.obtained_at)


def _claim(row: AccessToken, now: datetime) -> datetime | None:
    """Claim the next renewal; return None if another worker has it, or has renewed since the row was read."""
    lease = now + timedelta(seconds=settings.OUTBOUND_TOTAL_SECONDS + _LAST_SECONDS)
    free = Q(renewing_until=None) | Q(renewing_until__lt=now)
    taken = AccessToken.objects.filter(free, pk=row.pk, serial=row.serial).update(renewing_until=lease)
    return lease if taken else None


@sensitive_variables()
def _renew_or(old: Token | None, access: Access, row: AccessToken, lease: datetime, subject_id: UUID | None) -> Token:
    """Renew the token; if that fails while the old token is still valid, return the old one."""
    try:
        return _renew(access, row, lease, subject_id)
    except OutboundError:
        if old is None:
            raise
        return old


@sensitive_variables()
def _renew(access: Access, row: AccessToken, lease: datetime, subject_id: UUID | None) -> Token:
    mine = AccessToken.objects.filter(pk=row.pk, renewing_until=lease)
    over = {"serial": row.serial + 1, "renewing_until": None}
    asked_at = timezone.now()
    try:
        request = token_request(access)
        secrets = reveal_for_sending(
            access.tenant_id,
            {Kind.CLIENT_SECRET: access.binding},
            sent_to=[request.url],
            draft=access.draft,
            superseded=not access.draft,
        )
        value, seconds = call(request, secrets, _read, tenant_id=access.tenant_id, subject_id=subject_id or row.pk)
    except OutboundError as error:
        mine.update(failure=error.cause, renew_at=asked_at + _AFTER_FAILURE, **over)
        raise
    except Exception:
        mine.update(failure="The token could not be fetched; the portal's log says why.", **over)
        raise
    mine.update(
        ciphertext=encrypt(value.encode(), row.place()),
        obtained_at=asked_at,
        renew_at=asked_at + timedelta(seconds=seconds - min(seconds * _EARLY_PART, _EARLIEST_SECONDS)),
        expires_at=asked_at + timedelta(seconds=seconds),
        refused_at=None,
        failure="",
        **over,
    )
    return Token(value, row.serial + 1, row.pk, asked_at)


def token_request(access: Access) -> Request:
    """Return the guide's token request; a marker stands for the secret."""
    return Request(
        destination=Destination.GENESYS_CLOUD,
        purpose=TOKEN_PURPOSE,
        method="POST",
        url=f"{access.login_url}/oauth/token",
        headers={
            "Authorization": Basic(access.client_id, Secret(Kind.CLIENT_SECRET.value)),
            "Content-Type": "application/x-www-form-urlencoded",
        },
        form={"grant_type": "client_credentials"},
        variables=access.variables,
    )


@sensitive_variables()
def _read(answer: Answer) -> tuple[tuple[str, float], dict[str, str]]:
    """Parse the token and its lifetime in seconds; raises Unreadable."""
    body = read_json(answer)
    value = body.get("access_token") if isinstance(body, dict) else None
    kind = body.get("token_type", "bearer") if isinstance(body, dict) else None
    if not isinstance(value, str) or not _TOKEN.fullmatch(value) or str(kind).lower() != "bearer":
        raise Unreadable(answer.host, answer=answer)
    assert isinstance(body, dict)  # noqa: S101 - for mypy: checked above
    return (value, _seconds(body.get("expires_in"))), {"access_token": value}


def _seconds(told: object) -> float:
    """Return the token's lifetime; a missing or invalid value counts as a short one."""
    try:
        seconds = float(told) if isinstance(told, int | float | str) and not isinstance(told, bool) else -1.0
    except ValueError:
        seconds = -1.0
    return min(seconds, _LONGEST_SECONDS) if seconds > 0 else _ASSUMED_SECONDS
