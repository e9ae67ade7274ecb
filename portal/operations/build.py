"""What runs here: the version of the portal, and what it is built on. No database is asked."""

import platform

import django
from django.db import connection

from portal import VERSION


def info() -> dict[str, str]:
    """Return the versions of the portal, Python and Django, and the name of the database engine."""
    return {
        "version": VERSION,
        "python": platform.python_version(),
        "django": django.get_version(),
        "database": connection.display_name,
    }


def text() -> str:
    """Return the same as two lines, for `manage.py version`."""
    found = info()
    return f"SMS portal {found['version']}\nPython {found['python']}, Django {found['django']}, {found['database']}"
