"""The settings of a test run: its environment first, then the portal's own settings, which read it."""

from tests.support import environment

environment.prepare()

from portal.settings import *  # noqa: E402,F403 - after the environment, and all of them
from portal.settings import DATABASES  # noqa: E402 - the same

# The test database is the one that DATABASE_URL names, so that the children of the run find it.
DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"]}
# Thousands of sign-ins in tests: strength is Argon2's job in the portal itself.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Each test client would look through all static files before its first page.
WHITENOISE_AUTOREFRESH = True
