"""Logging: format, level and the filters that redact secrets."""

from portal.settings.base import PRODUCTION
from portal.settings.env import env

LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"), default="json" if PRODUCTION else "text")
LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "context": {"()": "portal.core.logging.formatters.ContextFilter"},
        "masking": {"()": "portal.core.logging.redaction.RedactionFilter"},
        "links": {"()": "portal.core.logging.access_log.LinkFilter"},
    },
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s %(run_id)s] %(message)s"},
        "json": {"()": "portal.core.logging.formatters.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["context", "masking", "links"],
        },
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Django's own handlers would print beside ours, and unmasked.
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
    },
}
DEFAULT_EXCEPTION_REPORTER = "portal.core.logging.redaction.RedactingReporter"
