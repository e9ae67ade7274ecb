"""Sessions: stored in the portal's own table, with idle and absolute timeouts; listed and ended. Set as SESSION_ENGINE.

The timeouts are checked here, where a session is loaded, so no view or middleware can forget them. An expired session
loads like one that never existed, and `ended` is the reason.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.models import Session

#: Activity is stored at most once in this many seconds, and at least four times within a short idle timeout.
MOST_BETWEEN_NOTES = 60.0
NOTES_PER_IDLE_LIMIT = 4


class Ended(StrEnum):
    """The reason why the session of a browser's cookie is no longer valid."""

    IDLE = "idle"
    OLD = "old"
    GONE = "gone"


class SessionStore(DatabaseStore):
    """Django's database store, with the timeouts, and with owner, address and browser in columns beside the data."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        #: Set on loading if the session is no longer valid.
        self.ended: Ended | None = None
        #: Address and browser of the current request, set by SessionActivityMiddleware.
        self.address = self.user_agent = ""
        self._row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the portal's session model."""
        return Session

    def _get_session_from_db(self) -> Session | None:
        row = Session.objects.filter(session_key=self.session_key).first()
        self.ended = _ended_because(row, timezone.now()) if row else Ended.GONE
        if self.ended is None:
            self._row = row
            return row
        if row is not None:
            row.delete()
        self._session_key = None
        return None

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row for this data. A new key keeps the times of its session; another user starts with new ones."""
        now, owner = timezone.now(), _owner(data)
        known = self._row if self._row and self._row.user_id == owner else None
        started = known.started_at if known else now
        if owner and not known:
            self.clear_expired()  # nothing else deletes expired sessions, and sign-ins are rare enough
        self._row = Session(
            session_key=self._get_or_create_session_key(),  # type: ignore[attr-defined]  # left out of the stubs
            session_data=self.encode(data),
            expire_date=started + timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS),
            user_id=owner,
            started_at=started,
            proven_at=known.proven_at if known else now,
            last_seen_at=known.last_seen_at if known else now,
            address=self.address or (known.address if known else ""),
            user_agent=self.user_agent or (known.user_agent if known else ""),
        )
        if known:
            self._row.handle = known.handle
        return self._row

    def flush(self) -> None:
        """End the session; the rest of this request uses a new one."""
        super().flush()
        self._row = None

    @property
    def row(self) -> Session | None:
        """Return the session's row, or None before there is one."""
        self.get(SESSION_KEY)  # loads the session if necessary
        return self._row

    def note_presence(self) -> None:
        """Store the owner's activity, unless it was stored within the last minute."""
        row, now = self._row, timezone.now()
        if row is None or row.user_id is None or now - row.last_seen_at < _between_notes():
            return
        row.last_seen_at, row.address, row.user_agent = now, self.address, self.user_agent
        Session.objects.filter(pk=row.pk).update(last_seen_at=now, address=row.address, user_agent=row.user_agent)

    def note_proof(self) -> None:
        """Store that the owner has just given a password or second factor, and change the session key."""
        if row := self.row:
            row.proven_at = timezone.now()
            self.cycle_key()


def session_of(request: HttpRequest) -> SessionStore:
    """Return the request's session with the type that SESSION_ENGINE sets."""
    return cast("SessionStore", request.session)


def sessions_of(user_id: UUID) -> QuerySet[Session]:
    """Return the person's valid sessions, most recently used first."""
    now = timezone.now()
    held = Session.objects.filter(user_id=user_id, expire_date__gt=now, last_seen_at__gt=oldest_presence(now))
    return held.defer("session_data").order_by("-last_seen_at")


def end_sessions(user_id: UUID, *, keep: str | None = None) -> int:
    """End all sessions of the person except the one with the key `keep`; return how many.

    Runs in the caller's transaction. The browsers are signed out from their next request on.
    """
    return Session.objects.filter(user_id=user_id).exclude(session_key=keep).delete()[0]


def _owner(data: dict[str, Any]) -> UUID | None:
    text = data.get(SESSION_KEY)
    return UUID(text) if text else None


def _ended_because(row: Session, now: datetime) -> Ended | None:
    if now - row.started_at >= timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS):
        return Ended.OLD
    if row.last_seen_at <= oldest_presence(now):
        return Ended.IDLE
    return None


def oldest_presence(now: datetime) -> datetime:
    """Return the oldest time of activity at which a session is still valid."""
    return now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def _between_notes() -> timedelta:
    return timedelta(seconds=min(MOST_BETWEEN_NOTES, settings.SESSION_IDLE_SECONDS / NOTES_PER_IDLE_LIMIT))
