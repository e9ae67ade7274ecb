"""System checks of the settings: unusable values, what production demands, and times that do not fit together.

`portal.settings.startup` runs them before web, workers, beat and commands start; `manage.py check` shows them with
their hints. The ids are `portal.settings.E001` to `E020`.
"""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured

from portal.settings import redis
from portal.settings.env import env

TAG = "settings"
_MINIMUM_SECRET_LENGTH, _MINIMUM_SECRET_VARIETY = 50, 5
_NOT_LOOPBACK = "must be off: people could have the portal call the services of its own machine."
# Production does not start without a keyset, so it cannot create its own.
_NEW_KEYSET = "env PORTAL_ENV=development manage.py vault new-keyset --out FILE"
# `--soft-time-limit` and `--time-limit` of the worker of orders (deploy/systemd, portal/devtools/services/commands.py).
_ORDER_SOFT_LIMIT, _ORDER_LIMIT = 50.0, 60.0


@register(TAG)
def values_can_be_used(**_: Any) -> list[CheckMessage]:
    """Return an error for each environment variable whose value cannot be used (E001)."""
    hint = "The README's table of settings says what each variable may hold."
    return [Error(reason, hint=hint, id="portal.settings.E001") for reason in env.reasons]


@register(TAG)
def production_is_safe(**_: Any) -> list[CheckMessage]:
    """Return an error for each thing that production must not start with (E002 to E012)."""
    if settings.PORTAL_ENV != "production":
        return []
    secret = _secret_key()
    redis_url = env.str("REDIS_URL", default="")
    demands = (
        (
            "E002",
            len(secret) < _MINIMUM_SECRET_LENGTH or len(set(secret)) < _MINIMUM_SECRET_VARIETY,
            f"SECRET_KEY must be set to at least {_MINIMUM_SECRET_LENGTH} random characters.",
            "python -c 'import secrets; print(secrets.token_urlsafe(50))' prints one.",
        ),
        (
            "E003",
            not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS,
            "ALLOWED_HOSTS must name the portal's host names, and not '*'.",
            "Separate several with commas, like portal.example.com,sms.example.com.",
        ),
        (
            "E004",
            not env.str("DATABASE_URL", default=""),
            "DATABASE_URL must name the database.",
            "It looks like postgres://user:password@host:5432/name.",
        ),
        (
            "E005",
            not redis_url,
            "REDIS_URL must name the queue's Redis.",
            "It looks like rediss://:password@host:6379/0, or unix:///run/redis/redis.sock.",
        ),
        (
            "E006",
            bool(redis_url) and not redis.address.guarded,
            "REDIS_URL must hold the password of Redis (its requirepass), or name a unix socket.",
            "Without one, everybody who reaches the port can write messages to the queue.",
        ),
        (
            "E007",
            settings.DEBUG,
            "DEBUG must be off: its error pages show settings to everyone.",
            "Remove DEBUG from the environment.",
        ),
        (
            "E008",
            settings.OUTBOUND_ALLOW_LOOPBACK,
            f"OUTBOUND_ALLOW_LOOPBACK {_NOT_LOOPBACK}",
            "Remove OUTBOUND_ALLOW_LOOPBACK from the environment.",
        ),
        (
            "E009",
            settings.OUTBOUND_LOOPBACK_ONLY,
            f"OUTBOUND_LOOPBACK_ONLY {_NOT_LOOPBACK}",
            "Remove OUTBOUND_LOOPBACK_ONLY from the environment.",
        ),
        (
            "E010",
            bool(env.str("CRASH_AT", default="")),
            "CRASH_AT must not be set: it kills processes, for the tests.",
            "Remove CRASH_AT from the environment.",
        ),
        (
            "E011",
            not settings.EMAIL_URL,
            "EMAIL_URL must name the mail server, like smtp+tls://user:password@host:587.",
            "Invitations, password resets and warnings about sign-ins are sent by e-mail.",
        ),
        (
            "E012",
            bool(settings.OIDC_ISSUER) and not settings.OIDC_ISSUER.startswith("https://"),
            "OIDC_ISSUER must begin with https://.",
            "The portal signs people in with what the issuer answers, so nobody may change it on its way.",
        ),
    )
    return [
        Error(message, hint=hint, id=f"portal.settings.{number}") for number, wrong, message, hint in demands if wrong
    ]


def _secret_key() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # Django hands out no empty one
        return ""


@register(TAG)
def production_has_a_keyset(**_: Any) -> list[CheckMessage]:
    """Return an error if production has no usable keyset for the vault (E013)."""
    problem = _keyset_problem() if settings.PORTAL_ENV == "production" else ""
    hint = "The vault's secrets can be decrypted with their own keyset only: keep a copy apart from the database's."
    return [Error(problem, hint=hint, id="portal.settings.E013")] if problem else []


def _keyset_problem() -> str:
    if settings.VAULT_KEYSET:
        return "" if _is_keyset(settings.VAULT_KEYSET) else "VAULT_KEYSET holds no keyset; restore it from its copy."
    if not settings.VAULT_KEYSET_FILE:
        return f"VAULT_KEYSET_FILE must name the vault's keyset; `{_NEW_KEYSET}` makes one."
    path = Path(settings.VAULT_KEYSET_FILE)
    try:
        text, open_to_others = path.read_text(), path.stat().st_mode & 0o077
    except FileNotFoundError:
        return f"VAULT_KEYSET_FILE names {path}, which is not there; `{_NEW_KEYSET}` makes one."
    except (OSError, ValueError):
        return f"VAULT_KEYSET_FILE names {path}, which cannot be read."
    if open_to_others:
        return f"{path} can be read by others; chmod 600 it."
    return "" if _is_keyset(text) else f"{path} holds no keyset; restore it from its copy."


def _is_keyset(text: str) -> bool:
    """Return whether the text looks like a keyset; whether its keys work shows when they are used."""
    try:
        return {"aead", "prf"} <= set(json.loads(text))
    except (ValueError, TypeError):
        return False


@register(TAG)
def times_fit_together(**_: Any) -> list[CheckMessage]:
    """Return an error for each time that must outlast another and does not (E014 to E020).

    Work would be taken from a worker that is still doing it. Only production asks: tests and demos shorten all times,
    and the systems they call answer at once.
    """
    if settings.PORTAL_ENV != "production":
        return []
    call, lease = settings.OUTBOUND_TOTAL_SECONDS, settings.SETUP_LEASE_SECONDS
    rules = (
        (
            "E014",
            "OUTBOUND_TOTAL_SECONDS",
            call < _ORDER_SOFT_LIMIT,
            f"shorter than {_ORDER_SOFT_LIMIT:g}, at which a task of orders is ended",
        ),
        (
            "E015",
            "SETUP_LEASE_SECONDS",
            lease > 2 * call,
            f"longer than twice OUTBOUND_TOTAL_SECONDS ({call:g}): a webhook test sends two requests under one lease",
        ),
        (
            "E016",
            "ORDER_LEASE_SECONDS",
            settings.ORDER_LEASE_SECONDS > _ORDER_LIMIT,
            f"longer than {_ORDER_LIMIT:g}, the time limit of the task that holds the lease",
        ),
        (
            "E017",
            "ORDER_SETTLE_SECONDS",
            call < settings.ORDER_SETTLE_SECONDS,
            f"longer than OUTBOUND_TOTAL_SECONDS ({call:g}): an order may be on its way for so long",
        ),
        (
            "E018",
            "HEARTBEAT_SECONDS",
            lease > 3 * settings.HEARTBEAT_SECONDS,
            f"shorter than a third of SETUP_LEASE_SECONDS ({lease:g}): a worker counts as silent after three",
        ),
        (
            "E019",
            "SESSION_ABSOLUTE_SECONDS",
            settings.SESSION_ABSOLUTE_SECONDS >= settings.SESSION_IDLE_SECONDS,
            f"at least SESSION_IDLE_SECONDS ({settings.SESSION_IDLE_SECONDS:g})",
        ),
        (
            "E020",
            "STEP_UP_SECONDS",
            settings.STEP_UP_SECONDS <= settings.SESSION_ABSOLUTE_SECONDS,
            f"at most SESSION_ABSOLUTE_SECONDS ({settings.SESSION_ABSOLUTE_SECONDS:g})",
        ),
    )
    hint = "Change one of the two; the defaults of the README's table fit together."
    return [
        Error(f"{name} is {getattr(settings, name):g}; it must be {what}.", hint=hint, id=f"portal.settings.{number}")
        for number, name, fits, what in rules
        if not fits
    ]
