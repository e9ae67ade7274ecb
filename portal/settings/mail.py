"""E-mail: EMAIL_URL and the sender; without a server, development prints its mail."""

from typing import Any

import environ

from portal.settings.env import env, loses_its_password, user_and_password

EMAIL_URL = env.str("EMAIL_URL", default="")


def _read_mail() -> dict[str, Any]:
    """Return what EMAIL_URL says, as Django's settings; the reason never repeats the URL, which holds a password."""
    url = EMAIL_URL or "consolemail://"
    try:
        if not (url.startswith("smtp") and loses_its_password(url)):
            found = dict(environ.Env.email_url_config(url))
            found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"] = user_and_password(url)
            return found
    except (ValueError, environ.ImproperlyConfigured):
        pass
    env.refuse(
        "EMAIL_URL cannot be read; it must look like smtp+tls://user:password@host:587, "
        "with the password's / ? # and @ as %2F, %3F, %23 and %40."
    )
    return dict(environ.Env.email_url_config("consolemail://"))


_mail = _read_mail()
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST") or "localhost", _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER") or "", _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default="sms-portal@localhost")
