from typing import Any

import pytest
from pytest_django import Settings

from portal import settings as own
from portal.ui.checks import CHECKS

SAFE: dict[str, Any] = {
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_NAME": "__Host-sessionid",
    "CSRF_COOKIE_NAME": "__Host-csrftoken",
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
}


def found(settings: Settings, **changed: Any) -> list[str]:
    for name, value in (SAFE | changed).items():
        setattr(settings, name, value)
    return [str(message.id) for check in CHECKS for message in check()]


def test_safe_settings_are_passed_in_silence(settings: Settings) -> None:
    assert found(settings) == []


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"SESSION_COOKIE_NAME": "sessionid"}, "portal.E001"),
        ({"SESSION_COOKIE_SECURE": False}, "portal.E001"),
        ({"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}, "portal.E002"),
        ({"CACHES": {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache"}}}, "portal.E002"),
        ({"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies"}, "portal.E003"),
        ({"MIDDLEWARE": own.MIDDLEWARE[:-12]}, "portal.E004"),
        ({"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}, "portal.W005"),
    ],
)
def test_what_was_changed_past_the_safe_settings_has_a_name(
    settings: Settings, changed: dict[str, Any], name: str
) -> None:
    assert found(settings, **changed) == [name]
