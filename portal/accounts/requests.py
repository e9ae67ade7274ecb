"""The signed-in user of a request, and the actor for audit events."""

from typing import cast

from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor


def user_of(request: HttpRequest) -> User:
    """Return the signed-in person; every view except sign-in is protected by SignInRequiredMiddleware."""
    return cast("User", request.user)


def actor_of(request: HttpRequest) -> Actor:
    """Return the signed-in person as an actor."""
    return person(user_of(request))
