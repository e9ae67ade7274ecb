"""The database: DATABASE_URL, or an SQLite file under `VAR_DIR`."""

from typing import Any

import environ

from portal.settings.base import VAR_DIR
from portal.settings.env import env, loses_its_password, user_and_password


def _read_database() -> dict[str, Any]:
    """Return the database that DATABASE_URL names; the reason never repeats the URL, which holds a password."""
    own = f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"
    url = env.str("DATABASE_URL", default="") or own
    form = "it must look like postgres://user:password@host:5432/name."
    try:
        if url.startswith("sqlite://"):
            return dict(environ.Env.db_url_config(url))
        if url.startswith(("postgres://", "postgresql://")) and not loses_its_password(url):
            found = dict(environ.Env.db_url_config(url))
            # django-environ would take a plus for a blank, as in a form.
            found["USER"], found["PASSWORD"] = user_and_password(url)
            if found["NAME"]:
                return found
            form = "it names no database; " + form
    except ValueError:
        pass
    if loses_its_password(url):
        form = "a password's / ? and # are written as %2F, %3F and %23, and " + form
    env.refuse(f"DATABASE_URL cannot be read; {form}")
    return dict(environ.Env.db_url_config(own))


_database = _read_database()

if _database["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE takes the write lock at the start: with DEFERRED most of many writers fail. FULL survives a power cut.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
        "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;",
    } | _database.get("OPTIONS", {})
    # A file, so that live workers in tests share it.
    _database["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
else:
    # A machine that is away must not hold the threads of the web for minutes. These are the driver's own and no startup
    # parameters; those are set after connecting, by portal/core/db/time_limits.py.
    _database["OPTIONS"] = {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,  # milliseconds
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    } | _database.get("OPTIONS", {})
    _database.setdefault("CONN_HEALTH_CHECKS", True)
_named_age = _database.get("CONN_MAX_AGE")
_database["CONN_MAX_AGE"] = env.whole_number(
    "DATABASE_CONN_MAX_AGE", _named_age if isinstance(_named_age, int) else 60, least=0, most=86_400
)
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
