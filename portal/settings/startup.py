"""Startup of a process: run the checks of the settings, refuse to start if one fails, and make development's files.

`manage.py`, `portal/wsgi.py` and the Celery app (workers and beat) call `prepare` before anything else: gunicorn runs
no system checks, and Celery starts in spite of them.
"""

import secrets
import sys
from collections.abc import Iterable

from django.conf import settings
from django.core.checks import run_checks

from portal.core.secret_files import read_or_make
from portal.settings import base
from portal.settings.checks import TAG


def prepare() -> None:
    """Exit with one line for each failed check of the settings; else make what development needs."""
    failed = sorted(run_checks(tags=[TAG]), key=lambda message: str(message.id))
    if failed:
        refuse(message.msg for message in failed)
    make_development_files()


def make_development_files() -> None:
    """Make the folder VAR_DIR and, unless the environment has a SECRET_KEY, one of this folder's own.

    The SQLite database, the keyset and logs will be there too. Production makes nothing.
    """
    if base.PRODUCTION:
        return
    try:
        base.VAR_DIR.mkdir(parents=True, exist_ok=True)
        if not base.SECRET_KEY:
            # Django has not been set up yet, so nothing has seen the settings without a key.
            settings.SECRET_KEY = read_or_make(base.secret_key_file, lambda: secrets.token_urlsafe(50))
    except OSError as error:
        refuse([f"{base.VAR_DIR} cannot be written ({error.strerror}); choose another folder with VAR_DIR."])


def refuse(reasons: Iterable[str]) -> None:
    """Exit with one line for each reason; a traceback would hide them."""
    sys.exit("\n".join(f"The portal does not start: {reason}" for reason in reasons))
