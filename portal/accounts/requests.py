"""Requests of signed-in people, and their actor."""

from typing import cast

from django.http import HttpRequest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor


def user_of(request: HttpRequest) -> User:
    """Return the signed-in person; every view but the sign-in is behind SignInRequiredMiddleware."""
    return cast("User", request.user)


def actor_of(request: HttpRequest) -> Actor:
    """Return the person behind a request as an actor."""
    return person(user_of(request))
