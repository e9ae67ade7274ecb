"""Who did it: a person, a worker acting for a person, or the command line."""

import os
import pwd
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from django.db import models


class ActorKind(models.TextChoices):
    """What kind of hand moved."""

    PERSON = "person", "Person"
    WORKER = "worker", "Worker for a person"
    COMMAND_LINE = "command_line", "Command line"
    SYSTEM = "system", "The portal itself"


@dataclass(frozen=True)
class Actor:
    """One actor; `label` is kept as text, so that the history outlives the account."""

    kind: ActorKind
    label: str
    user_id: UUID | None = None

    def at_work(self) -> Self:
        """Return the worker that goes on in this actor's name."""
        if self.kind is not ActorKind.PERSON:
            return self
        return type(self)(ActorKind.WORKER, self.label, self.user_id)


def worker_for(user_id: UUID | None, label: str) -> Actor:
    """Return the worker that goes on for who asked, as a row remembers them; nobody means the command line."""
    return Actor(ActorKind.WORKER if user_id else ActorKind.COMMAND_LINE, label, user_id)


SYSTEM = Actor(ActorKind.SYSTEM, "portal")


def command_line() -> Actor:
    """Return the command line as an actor, with the operating system's name of the user."""
    return Actor(ActorKind.COMMAND_LINE, _os_user())


def _os_user() -> str:
    """Return the name that the system has for the running user: `$USER` could be anybody's.

    In a container the user may have a number only.
    """
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
