"""All settings, read from the environment by django-environ; the README's table names each.

`PORTAL_ENV=development` (the default) makes its own secrets under `var/` and speaks to loopback.
`PORTAL_ENV=production` demands everything and refuses to start, with one line for each reason.
"""

import json
import re
import secrets
import sys
from pathlib import Path
from typing import Any

import environ
from bootstrap_wrapper import get_bootstrap_dir
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF

from portal.env import Environment, loses_its_password, user_and_password
from portal.local.secret_files import read_or_make
from portal.redis_address import Unusable, read_address

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

PORTAL_ENV = env.str("PORTAL_ENV", default="development")
PRODUCTION = PORTAL_ENV == "production"
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)
_number = env.number


def _refuse(reasons: list[str]) -> None:
    """End the process with one line for each reason: a traceback would hide them."""
    if reasons:
        sys.exit("\n".join(f"The portal does not start: {reason}" for reason in reasons))


def _development_secret(given: str) -> str:
    """Return the given secret, or one of this folder's own; SQLite, keyset and logs will live there too."""
    try:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        return given or read_or_make(VAR_DIR / "secret_key", lambda: secrets.token_urlsafe(50))
    except OSError as error:
        _refuse([f"{VAR_DIR} cannot be written ({error.strerror}); choose another folder with VAR_DIR."])
        raise


if PORTAL_ENV not in {"development", "production"}:
    _refuse([f"PORTAL_ENV is {PORTAL_ENV!r}; it must be 'development' or 'production'."])

SECRET_KEY = env.str("SECRET_KEY", default="")
if not PRODUCTION:
    SECRET_KEY = _development_secret(SECRET_KEY)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
_LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=[] if PRODUCTION else _LOOPBACK_HOSTS)
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")
VAULT_KEYSET = env.str("VAULT_KEYSET", default="")
VAULT_KEYSET_FILE = env.str("VAULT_KEYSET_FILE", default="" if PRODUCTION else str(VAR_DIR / "keyset.json"))
CHECKPOINT_KEY_FILE = env.str("CHECKPOINT_KEY_FILE", default="" if PRODUCTION else str(VAR_DIR / "checkpoint-key"))
CHECKPOINT_FOLDER = env.str("CHECKPOINT_FOLDER", default="" if PRODUCTION else str(VAR_DIR / "checkpoints"))
CHECKPOINT_SECONDS = _number("CHECKPOINT_SECONDS", 60.0)

# --- Redis ----------------------------------------------------------------------------------------------------

_LOCAL_REDIS = "redis://127.0.0.1:6379/0"
REDIS_CA_FILE = env.certificates("REDIS_CA_FILE")
try:
    _redis = read_address(env.str("REDIS_URL", default="") or _LOCAL_REDIS, REDIS_CA_FILE)
except Unusable as unusable:
    env.refuse(f"REDIS_URL {unusable}")
    _redis = read_address(_LOCAL_REDIS, "")
REDIS_URL, REDIS_TLS = _redis.url, _redis.tls
QUEUE_PREFIX = env.str("QUEUE_PREFIX", default="")
if not re.fullmatch(r"[\w.:-]*", QUEUE_PREFIX, re.ASCII):
    env.refuse(f"QUEUE_PREFIX is {QUEUE_PREFIX!r}; it must hold only letters, digits and the signs . : - _")

# --- the database ---------------------------------------------------------------------------------------------


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
    # parameters; those are set after connecting, by portal/database_limits.py.
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

# --- mail and single sign-on ----------------------------------------------------------------------------------


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


EMAIL_URL = env.str("EMAIL_URL", default="")
_mail = _read_mail()
EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST") or "localhost", _mail.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER") or "", _mail.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.sender("DEFAULT_FROM_EMAIL", default="sms-portal@localhost")

OIDC_ISSUER = env.address("OIDC_ISSUER")
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("OIDC_NAME", default="single sign-on")
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    env.refuse("OIDC_CLIENT_ID and OIDC_CLIENT_SECRET must be set when OIDC_ISSUER is.")

MFA_REQUIRED = env.choice(
    "MFA_REQUIRED",
    ("nobody", "administrators_and_representatives", "everyone"),
    default="administrators_and_representatives" if PRODUCTION else "nobody",
)

# --- what production demands ----------------------------------------------------------------------------------

MINIMUM_SECRET_LENGTH = 50
MINIMUM_SECRET_VARIETY = 5
_NOT_LOOPBACK = "must be off: people could have the portal call the services of its own machine."
# Production refuses to start without a keyset, so it cannot make its own.
_NEW_KEYSET = "env PORTAL_ENV=development manage.py vault new-keyset --out FILE"


def _unsafe() -> list[str]:
    """The reasons for which production must not start, each a sentence that says what to set."""
    checks = (
        (
            len(SECRET_KEY) < MINIMUM_SECRET_LENGTH or len(set(SECRET_KEY)) < MINIMUM_SECRET_VARIETY,
            f"SECRET_KEY must be set to at least {MINIMUM_SECRET_LENGTH} random characters.",
        ),
        (
            not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS,
            "ALLOWED_HOSTS must name the portal's host names, and not '*'.",
        ),
        (not env.str("DATABASE_URL", default=""), "DATABASE_URL must name the database."),
        (not env.str("REDIS_URL", default=""), "REDIS_URL must name the queue's Redis."),
        (
            bool(env.str("REDIS_URL", default="")) and not _redis.guarded,
            "REDIS_URL must hold the password of Redis (its requirepass), or name a unix socket.",
        ),
        (DEBUG, "DEBUG must be off: its error pages show settings to everyone."),
        (OUTBOUND_ALLOW_LOOPBACK, f"OUTBOUND_ALLOW_LOOPBACK {_NOT_LOOPBACK}"),
        (OUTBOUND_LOOPBACK_ONLY, f"OUTBOUND_LOOPBACK_ONLY {_NOT_LOOPBACK}"),
        (bool(env.str("CRASH_AT", default="")), "CRASH_AT must not be set: it kills processes, for the tests."),
        (not EMAIL_URL, "EMAIL_URL must name the mail server, like smtp+tls://user:password@host:587."),
        (bool(OIDC_ISSUER) and not OIDC_ISSUER.startswith("https://"), "OIDC_ISSUER must begin with https://."),
    )
    return [reason for unsafe, reason in checks if unsafe] + _unsafe_keyset()


def _unsafe_keyset() -> list[str]:
    if VAULT_KEYSET:
        return [] if _is_keyset(VAULT_KEYSET) else ["VAULT_KEYSET holds no keyset; restore it from its copy."]
    if not VAULT_KEYSET_FILE:
        return [f"VAULT_KEYSET_FILE must name the vault's keyset; `{_NEW_KEYSET}` makes one."]
    path = Path(VAULT_KEYSET_FILE)
    try:
        text, open_to_others = path.read_text(), path.stat().st_mode & 0o077
    except FileNotFoundError:
        return [f"VAULT_KEYSET_FILE names {path}, which is not there; `{_NEW_KEYSET}` makes one."]
    except (OSError, ValueError):
        return [f"VAULT_KEYSET_FILE names {path}, which cannot be read."]
    if open_to_others:
        return [f"{path} can be read by others; chmod 600 it."]
    return [] if _is_keyset(text) else [f"{path} holds no keyset; restore it from its copy."]


def _is_keyset(text: str) -> bool:
    """Say whether the text looks like a keyset; that its keys can be used is seen when they are."""
    try:
        return {"aead", "prf"} <= set(json.loads(text))
    except (ValueError, TypeError):
        return False


# --- apps and the way of a request ----------------------------------------------------------------------------

INSTALLED_APPS = [
    "provisioning",
    "tollfree",
    "senders",
    "portal.evidence",
    "portal.history",
    "portal.operations",
    "portal.people",
    "portal.notices",
    "portal.tenants",
    "portal.vault",
    "portal.outbound",
    "portal.accounts",
    "portal.audit",
    "portal.frame",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "django.forms",  # its widget templates, for FORM_RENDERER
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.frame.real_address.RealAddressMiddleware",
    "portal.frame.request_ids.RequestIdMiddleware",
    "portal.vault.masking.AtHandMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.frame.browser_policies.BrowserPoliciesMiddleware",
    "portal.frame.outages.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.frame.probes.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.frame.htmx_sign_in.HtmxSignInMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SessionActivityMiddleware",
    "portal.accounts.middleware.SignInRequiredMiddleware",
    "portal.people.sign_in.enrolment.SecondFactorRequiredMiddleware",
    "portal.audit.middleware.AuditContextMiddleware",
    "portal.accounts.refusals.RefusalMiddleware",
    "portal.frame.no_store.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.frame.known_methods.KnownMethodsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.frame.navigation.navigation",
            ],
            "builtins": ["portal.frame.templatetags.frame"],
        },
    },
]
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static", ("bootstrap", get_bootstrap_dir())]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# --- sign-in --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "portal.people.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "reset_password": "portal.people.sign_in.passwords.AskForLinkForm",
    "reset_password_from_key": "portal.people.sign_in.passwords.ChoosePasswordForm",
}
PASSWORD_RESET_TIMEOUT = 3600

MFA_ADAPTER = "portal.people.sign_in.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "portal.people.sign_in.forms.ActivateAppForm",
    "add_webauthn": "portal.people.sign_in.forms.AddPasskeyForm",
    "authenticate_webauthn": "portal.people.sign_in.forms.UsePasskeyForm",
    "login_webauthn": "portal.people.sign_in.forms.SignInByPasskeyForm",
    "reauthenticate_webauthn": "portal.people.sign_in.forms.ShowPasskeyAgainForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "SMS Portal"
MFA_TOTP_TOLERANCE = 0  # a used code is remembered for one period; with tolerance it would live longer than that
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
# 66 bits: ASVS wants 112 or a hash. allauth derives the codes from a seed of 320 bits, which is what is stored, sealed;
# so what is left is guessing at the sign-in, and that is counted. 34 digits would be copied wrongly.
MFA_RECOVERY_CODE_DIGITS = 20
MFA_RECOVERY_CODES_SHOW_ONCE = True

SOCIALACCOUNT_ADAPTER = "portal.people.sign_in.single_sign_on.SignOnAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # linked by issuer and subject: anybody can claim an e-mail address
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True

GUESS_WINDOW_SECONDS = 900
GUESSES_PER_ACCOUNT = f"10/{GUESS_WINDOW_SECONDS}s/key"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    # The address first: who is stopped there does not use up the guesses of the account, and so cannot lock it.
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "login_failed": f"30/{GUESS_WINDOW_SECONDS}s/ip,{GUESSES_PER_ACCOUNT}",
}
STEP_UP_SECONDS = _number("STEP_UP_SECONDS", 600, least=1)
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(STEP_UP_SECONDS)
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
LOGOUT_REDIRECT_URL = "account_login"
INVITATION_DAYS = _number("INVITATION_DAYS", 7, most=365)
# Where people reach the portal: for links that no request of a browser leads to.
PORTAL_URL = env.address("PORTAL_URL").rstrip("/") or (
    f"https://{(ALLOWED_HOSTS or _LOOPBACK_HOSTS)[0].lstrip('.')}" if PRODUCTION else "http://localhost:8000"
)
CACHES = {
    "default": {
        "BACKEND": "portal.signed_cache.SignedRedisCache",
        "LOCATION": [REDIS_URL],  # a list: Django would part a text at commas, which a password may hold
        "KEY_PREFIX": QUEUE_PREFIX,
        # A page answers within a second, also when Redis does not.
        "OPTIONS": {"socket_connect_timeout": 0.4, "socket_timeout": 0.4, **REDIS_TLS},
    },
}

# --- security headers and cookies -----------------------------------------------------------------------------

_HOST_PREFIX = "__Host-" if PRODUCTION else ""
SESSION_COOKIE_NAME = f"{_HOST_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_HOST_PREFIX}csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # the way back from a single sign-on comes from another site
SESSION_ENGINE = "portal.accounts.session_store"
SESSION_IDLE_SECONDS = _number("SESSION_IDLE_SECONDS", 1_800, least=1)
SESSION_ABSOLUTE_SECONDS = _number("SESSION_ABSOLUTE_SECONDS", 36_000, least=1)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE_SECONDS)
CSRF_FAILURE_VIEW = "portal.frame.views.csrf_failure"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz\Z", r"^readyz\Z"]  # a load balancer's probes; see portal/frame/probes.py
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Only behind a proxy that sets this header itself and strips it from what clients send.
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", default=False)
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],  # 500 and 503 are drawn without a request, and so without its nonce
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's icons are data URLs
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}

# --- the way out ----------------------------------------------------------------------------------------------

OUTBOUND_ALLOW_PRIVATE = env.names(
    "OUTBOUND_ALLOW_PRIVATE", ("nexus", "genesys_cloud", "webhook", "sign_on"), default=["nexus"]
)
# Addresses shared with a carrier (100.64.0.0/10) are private too, but nobody's own: they have to be named.
OUTBOUND_PRIVATE_NETWORKS = env.networks(
    "OUTBOUND_PRIVATE_NETWORKS", default=["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
)
OUTBOUND_ALLOW_LOOPBACK = env.bool("OUTBOUND_ALLOW_LOOPBACK", default=not PRODUCTION)
# A further certificate authority, for private editions that issue their own certificates.
OUTBOUND_CA_FILE = env.certificates("OUTBOUND_CA_FILE")
OUTBOUND_LOOPBACK_ONLY = env.bool("OUTBOUND_LOOPBACK_ONLY", default=False)
OUTBOUND_CONNECT_SECONDS = _number("OUTBOUND_CONNECT_SECONDS", 5.0)
OUTBOUND_READ_SECONDS = _number("OUTBOUND_READ_SECONDS", 15.0)
OUTBOUND_TOTAL_SECONDS = _number("OUTBOUND_TOTAL_SECONDS", 35.0)
OUTBOUND_SIGN_ON_SECONDS = _number("OUTBOUND_SIGN_ON_SECONDS", 8.0)

# --- the queue ------------------------------------------------------------------------------------------------

SETUP_LEASE_SECONDS = _number("SETUP_LEASE_SECONDS", 120.0)
SETUP_MAX_ATTEMPTS = env.whole_number("SETUP_MAX_ATTEMPTS", 5, least=1, most=1000)
SETUP_BACKOFF_SECONDS = _number("SETUP_BACKOFF_SECONDS", 2.0)
SWEEP_SECONDS = _number("SWEEP_SECONDS", 15.0)
# How often a tenant's toll-free numbers are asked for by themselves.
INVENTORY_REFRESH_SECONDS = _number("INVENTORY_REFRESH_SECONDS", 3600.0)
# How long a published set-up may lie before the sweeper publishes it again.
SETUP_REPUBLISH_SECONDS = _number("SETUP_REPUBLISH_SECONDS", 30.0)
# The lease outlasts the hard limit of a task (60 s), which outlasts a call.
ORDER_LEASE_SECONDS = _number("ORDER_LEASE_SECONDS", 120.0)
# An unknown outcome is looked for after this; longer than a number needs to show in Genesys Cloud's list.
ORDER_SETTLE_SECONDS = _number("ORDER_SETTLE_SECONDS", 300.0)
ORDER_POLL_SECONDS = _number("ORDER_POLL_SECONDS", 30.0)
ORDER_BACKOFF_SECONDS = _number("ORDER_BACKOFF_SECONDS", 5.0)
ORDER_REPUBLISH_SECONDS = _number("ORDER_REPUBLISH_SECONDS", 30.0)
ORDER_RELEASE_WAIT_SECONDS = _number("ORDER_RELEASE_WAIT_SECONDS", 86_400.0)
HEARTBEAT_SECONDS = _number("HEARTBEAT_SECONDS", 5.0)
METRICS_TOKEN = env.token("METRICS_TOKEN")
QUEUES = ("setups", "upkeep", "orders")

CELERY_BROKER_URL = _redis.broker_url
CELERY_BROKER_USE_SSL = REDIS_TLS or None  # without it Celery would check no certificate
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # after a hundred, less than an hour, a worker would give up and end
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "health_check_interval": 25,
    # A worker keeps what it has received in memory, and gives back at its end what it has not begun. Copies in Redis
    # would come back an hour after a worker was killed; the sweepers are there within seconds, and the copies cost more
    # than all else that Celery does.
    "ack_emulation": False,
    "max_connections": 200,  # kombu's 10 starve a worker with more slots than that
    "global_keyprefix": QUEUE_PREFIX,
    "priority_steps": [0],  # one key for each queue
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
}
CELERY_TASK_DEFAULT_QUEUE = "upkeep"
CELERY_TASK_ROUTES = {
    "provisioning.tasks.run_*": {"queue": "setups"},
    "tollfree.tasks.order_*": {"queue": "orders"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "portal.operations.tasks.sweep", "schedule": SWEEP_SECONDS},
    "checkpoint": {"task": "portal.evidence.tasks.checkpoint", "schedule": CHECKPOINT_SECONDS},
    "verify-history": {"task": "portal.evidence.tasks.verify_history", "schedule": crontab(minute="20")},
}
# In memory: with a file beat could not start on a full disk. What it asks for knows itself when it is due.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"

# --- logs -----------------------------------------------------------------------------------------------------

LOG_FORMAT = env.choice("LOG_FORMAT", ("text", "json"), default="json" if PRODUCTION else "text")
LOG_LEVEL = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "context": {"()": "portal.logs.ContextFilter"},
        "masking": {"()": "portal.vault.masking.MaskingFilter"},
        "links": {"()": "portal.access_log.LinkFilter"},
    },
    "formatters": {
        "text": {"format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s %(run_id)s] %(message)s"},
        "json": {"()": "portal.logs.JsonFormatter"},
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
DEFAULT_EXCEPTION_REPORTER = "portal.vault.masking.MaskingReporter"

# --- what must outlast what -----------------------------------------------------------------------------------

# `--soft-time-limit` and `--time-limit` of the worker of orders (deploy/systemd, portal/local/commands.py).
_ORDER_SOFT_LIMIT, _ORDER_LIMIT = 50.0, 60.0


def _too_short() -> list[str]:
    """The reasons for which two times do not fit: work would be taken from a worker that still does it.

    Only production asks: tests and demos shorten all of them, and their other systems answer at once.
    """
    a_call, a_lease = OUTBOUND_TOTAL_SECONDS, SETUP_LEASE_SECONDS
    rules = (
        (
            "OUTBOUND_TOTAL_SECONDS",
            a_call < _ORDER_SOFT_LIMIT,
            f"shorter than {_ORDER_SOFT_LIMIT:g}, at which a task of orders is ended",
        ),
        (
            "SETUP_LEASE_SECONDS",
            a_lease > 2 * a_call,
            f"longer than twice OUTBOUND_TOTAL_SECONDS ({a_call:g}): a webhook test sends two requests under one lease",
        ),
        (
            "ORDER_LEASE_SECONDS",
            ORDER_LEASE_SECONDS > _ORDER_LIMIT,
            f"longer than {_ORDER_LIMIT:g}, the time limit of the task that holds the lease",
        ),
        (
            "ORDER_SETTLE_SECONDS",
            a_call < ORDER_SETTLE_SECONDS,
            f"longer than OUTBOUND_TOTAL_SECONDS ({a_call:g}): an order may be on its way for so long",
        ),
        (
            "HEARTBEAT_SECONDS",
            a_lease > 3 * HEARTBEAT_SECONDS,
            f"shorter than a third of SETUP_LEASE_SECONDS ({a_lease:g}): a worker counts as silent after three",
        ),
        (
            "SESSION_ABSOLUTE_SECONDS",
            SESSION_ABSOLUTE_SECONDS >= SESSION_IDLE_SECONDS,
            f"at least SESSION_IDLE_SECONDS ({SESSION_IDLE_SECONDS:g})",
        ),
        (
            "STEP_UP_SECONDS",
            STEP_UP_SECONDS <= SESSION_ABSOLUTE_SECONDS,
            f"at most SESSION_ABSOLUTE_SECONDS ({SESSION_ABSOLUTE_SECONDS:g})",
        ),
    )
    return [f"{name} is {globals()[name]:g}; it must be {what}." for name, good, what in rules if not good]


_refuse(env.reasons + (_unsafe() + _too_short() if PRODUCTION else []))
