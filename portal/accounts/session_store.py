"""Sessions in the portal's own table, with the limits that end them; the setting SESSION_ENGINE names this module.

The limits are held here, where a session is read: so no view and no middleware can forget them. A session past a limit
reads like one that was never there, and `ended` says why.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from portal.accounts.models import Session

#: An owner's presence is written at most once in so many seconds, and often enough for a short idle limit.
MOST_BETWEEN_NOTES = 60.0
NOTES_PER_IDLE_LIMIT = 4


class Ended(StrEnum):
    """Why a session that a browser still names does not hold any more."""

    IDLE = "idle"
    OLD = "old"
    GONE = "gone"


class SessionStore(DatabaseStore):
    """Django's, with the limits, and with whose session it is and where from beside its data."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        #: Set when the session is read, if it does not hold any more.
        self.ended: Ended | None = None
        #: Where the request at hand comes from; SessionActivityMiddleware sets both.
        self.address = self.user_agent = ""
        self._row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the portal's own model."""
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
        """Return the row of these data; a rotated key keeps its session's times, another person begins anew."""
        now, owner = timezone.now(), _owner(data)
        known = self._row if self._row and self._row.user_id == owner else None
        started = known.started_at if known else now
        if owner and not known:
            self.clear_expired()  # nobody else does, and a sign-in is rare enough
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
        """End the session; what follows in this request is another one."""
        super().flush()
        self._row = None

    @property
    def row(self) -> Session | None:
        """Return the session's row, or None before there is one."""
        self.get(SESSION_KEY)  # reads it, if that has not happened yet
        return self._row

    def note_presence(self) -> None:
        """Write down that the owner is there, unless that stands there already as of the last minute."""
        row, now = self._row, timezone.now()
        if row is None or row.user_id is None or now - row.last_seen_at < _between_notes():
            return
        row.last_seen_at, row.address, row.user_agent = now, self.address, self.user_agent
        Session.objects.filter(pk=row.pk).update(last_seen_at=now, address=row.address, user_agent=row.user_agent)

    def note_proof(self) -> None:
        """Write down that the owner has just given a password or second factor, under a new key."""
        if row := self.row:
            row.proven_at = timezone.now()
            self.cycle_key()


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
    """Return since when an owner must have been seen, so that a session holds."""
    return now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)


def _between_notes() -> timedelta:
    return timedelta(seconds=min(MOST_BETWEEN_NOTES, settings.SESSION_IDLE_SECONDS / NOTES_PER_IDLE_LIMIT))
