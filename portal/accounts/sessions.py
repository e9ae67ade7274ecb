"""The sessions of people: which there are, and ending them."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.accounts.models import Session
from portal.accounts.session_store import SessionStore, oldest_presence


def session_of(request: HttpRequest) -> SessionStore:
    """Return the request's session; SESSION_ENGINE makes no others."""
    return cast("SessionStore", request.session)


def sessions_of(user_id: UUID) -> QuerySet[Session]:
    """Return the person's sessions that hold, the one used last first."""
    now = timezone.now()
    held = Session.objects.filter(user_id=user_id, expire_date__gt=now, last_seen_at__gt=oldest_presence(now))
    return held.defer("session_data").order_by("-last_seen_at")


def end_sessions(user_id: UUID, *, keep: str | None = None) -> int:
    """End all of the person's sessions but the one with the key `keep`, in the caller's transaction; return how many.

    Whoever holds one is a stranger from the next request on.
    """
    return Session.objects.filter(user_id=user_id).exclude(session_key=keep).delete()[0]
