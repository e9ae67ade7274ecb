"""Deployment checks (`manage.py check --deploy`): settings that somebody changed from safe values.

portal.settings.checks refuse an unsafe environment at the start; these checks look at the resulting settings.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from portal.core.tasks import failpoints

_SENDERS_OF_NOTHING = ("console", "dummy", "filebased", "locmem")
_GUARDS = (
    "csp.middleware.CSPMiddleware",
    "portal.accounts.middleware.SessionActivityMiddleware",
    "portal.accounts.middleware.SignInRequiredMiddleware",
    "portal.core.middleware.browser_policies.BrowserPoliciesMiddleware",
    "portal.core.middleware.browser_policies.NoStoreMiddleware",
)


def cookies_belong_to_this_host(**_: Any) -> list[CheckMessage]:
    """Return an error if a neighbouring host could set a session cookie (portal.E001)."""
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME)
    if settings.SESSION_COOKIE_SECURE and all(name.startswith("__Host-") for name in names):
        return []
    hint = "Set PORTAL_ENV=production: it names them __Host-… and sends them over TLS only."
    return [Error("The cookies of sessions and forms are not bound to this host.", hint=hint, id="portal.E001")]


def guesses_are_counted_for_all(**_: Any) -> list[CheckMessage]:
    """Return an error if failed sign-ins are not counted in Redis, for all processes and tamper-proof (portal.E002)."""
    if settings.CACHES["default"]["BACKEND"] == "portal.core.redis.signed_cache.SignedRedisCache":
        return []
    hint = (
        "Let CACHES name portal.core.redis.signed_cache.SignedRedisCache: a cache of the process "
        "gives guessers ten tries in each "
        "of them, and Django's own of Redis runs what others write there."
    )
    return [Error("Wrong passwords are not counted in Redis, or not safely.", hint=hint, id="portal.E002")]


def sessions_know_their_limits(**_: Any) -> list[CheckMessage]:
    """Return an error if sessions have no timeouts (portal.E003)."""
    if settings.SESSION_ENGINE == "portal.accounts.sessions":
        return []
    hint = "Set SESSION_ENGINE to portal.accounts.sessions, which ends them and lets people end them."
    return [Error("Sessions end neither when idle nor when old.", hint=hint, id="portal.E003")]


def guards_stand_in_the_way(**_: Any) -> list[CheckMessage]:
    """Return an error with the names of missing middleware (portal.E004)."""
    missing = [name for name in _GUARDS if name not in settings.MIDDLEWARE]
    if not missing:
        return []
    hint = "Put it back into MIDDLEWARE, where portal/settings/apps.py has it."
    return [Error(f"Pages are not guarded: {', '.join(missing)} missing.", hint=hint, id="portal.E004")]


def people_can_be_told(**_: Any) -> list[CheckMessage]:
    """Return a warning if e-mails are not sent (portal.W005)."""
    if not any(name in settings.EMAIL_BACKEND for name in _SENDERS_OF_NOTHING):
        return []
    hint = "Configure a mail server: people are told by e-mail of a locked sign-in and of changes to their account."
    return [Caution("E-mails of the portal go nowhere.", hint=hint, id="portal.W005")]


def nothing_kills_its_processes(**_: Any) -> list[CheckMessage]:
    """Say whether the environment makes this process die at a point of the tests (portal.E006)."""
    if not failpoints.armed():
        return []
    hint = "Unset CRASH_AT; with PORTAL_ENV=production the portal does not start with it."
    return [Error("CRASH_AT is set: it kills processes, for the tests.", hint=hint, id="portal.E006")]


CHECKS = (
    cookies_belong_to_this_host,
    guesses_are_counted_for_all,
    sessions_know_their_limits,
    guards_stand_in_the_way,
    people_can_be_told,
    nothing_kills_its_processes,
)
