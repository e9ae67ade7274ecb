"""Actions that end one's own sessions; everybody may do this, so no right is required."""

from uuid import UUID

from portal.accounts.models import Session
from portal.accounts.sessions import end_sessions
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb


@atomic
def end_own_session(actor: Actor, handle: UUID) -> bool:
    """End the actor's session with this handle; return False if they have none."""
    if actor.user_id is None:
        return False
    ended, _ = Session.objects.filter(user_id=actor.user_id, handle=handle).delete()
    if ended:
        _record(actor, 1)
    return bool(ended)


@atomic
def end_other_sessions(actor: Actor, keep: str | None) -> int:
    """End all sessions of the actor except the one with this key; return how many."""
    ended = end_sessions(actor.user_id, keep=keep) if actor.user_id else 0
    if ended:
        _record(actor, ended)
    return ended


def _record(actor: Actor, ended: int) -> None:
    target = Target("person", str(actor.user_id), "their own")
    record(Verb.SESSION_ENDED, target, actor, changes={"sessions ended": [None, ended]})
