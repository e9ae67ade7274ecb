#!/usr/bin/env python
"""Django's command line; with nothing in the environment it works in development mode, on SQLite under `var/`."""

import os
import sys

from django.core.management import execute_from_command_line

from portal.operations import build
from portal.settings import startup

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if sys.argv[1:] in (["version"], ["--version"]):  # Django would print its own
        print(build.text())  # noqa: T201 - the answer
        sys.exit()
    if sys.argv[1:2] == ["check"]:  # shows what is wrong by itself, with hints
        startup.make_development_files()
    else:
        startup.prepare()
    execute_from_command_line(sys.argv)
