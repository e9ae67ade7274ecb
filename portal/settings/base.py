"""Base settings: development or production, the folder for files, secret key and host names."""

from pathlib import Path

from portal.settings.env import env

BASE_DIR = Path(__file__).resolve().parents[2]

PORTAL_ENV = env.str("PORTAL_ENV", default="development")
if PORTAL_ENV not in {"development", "production"}:
    env.refuse(f"PORTAL_ENV is {PORTAL_ENV!r}; it must be 'development' or 'production'.")
# A misspelt name counts as production, so that nothing of development is switched on by mistake.
PRODUCTION = PORTAL_ENV != "development"
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)

# Development's own key; portal.settings.startup creates the file.
secret_key_file = VAR_DIR / "secret_key"


def _development_secret_key() -> str:
    try:
        return secret_key_file.read_text()
    except OSError:
        return ""


SECRET_KEY = env.str("SECRET_KEY", default="")
if not PRODUCTION:
    SECRET_KEY = SECRET_KEY or _development_secret_key()
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

_LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=[] if PRODUCTION else _LOOPBACK_HOSTS)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
# Where people reach the portal: for links that no request of a browser leads to.
PORTAL_URL = env.address("PORTAL_URL").rstrip("/") or (
    f"https://{(ALLOWED_HOSTS or _LOOPBACK_HOSTS)[0].lstrip('.')}" if PRODUCTION else "http://localhost:8000"
)

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
