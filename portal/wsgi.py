"""The WSGI application for gunicorn: `gunicorn portal.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

from portal.settings import startup

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
startup.prepare()
application = get_wsgi_application()
