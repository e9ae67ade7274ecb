"""Active sessions of a person: list them and end them."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.session_store import SessionStore, oldest_presence


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
