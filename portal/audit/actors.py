"""Actors of audit events: a person, a worker acting for a person, the command line, or the portal itself."""

import os
import pwd
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db import models


class ActorKind(models.TextChoices):
    """Kinds of actors."""

    PERSON = "person", "Person"
    WORKER = "worker", "Worker for a person"
    COMMAND_LINE = "command_line", "Command line"
    SYSTEM = "system", "The portal itself"


@dataclass(frozen=True)
class Actor:
    """An actor; `label` is stored as text, so that the event outlives the account."""

    kind: ActorKind
    label: str
    user_id: UUID | None = None

    def at_work(self) -> Self:
        """Return the worker that continues on this actor's behalf."""
        if self.kind is not ActorKind.PERSON:
            return self
        return type(self)(ActorKind.WORKER, self.label, self.user_id)


def worker_for(user_id: UUID | None, label: str) -> Actor:
    """Return the worker that acts for a stored requester; without a user id, the command line."""
    return Actor(ActorKind.WORKER if user_id else ActorKind.COMMAND_LINE, label, user_id)


SYSTEM = Actor(ActorKind.SYSTEM, "portal")


def command_line() -> Actor:
    """Return the command line as an actor, labelled with the name of the operating system's user."""
    return Actor(ActorKind.COMMAND_LINE, _os_user())


def _os_user() -> str:
    """Return the operating system's name of the running user; `$USER` can be set to anything.

    In a container the user may have only a number.
    """
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
