"""Installed apps, middleware, templates and static files."""

from bootstrap_wrapper import get_bootstrap_dir

from portal.settings.base import BASE_DIR, PRODUCTION, VAR_DIR

INSTALLED_APPS = [
    "provisioning",
    "tollfree",
    "genesys_cloud",
    "senders",
    "portal.evidence",
    "portal.history",
    "portal.operations",
    "portal.people",
    "portal.identity",
    "portal.notifications",
    "portal.tenants",
    "portal.vault",
    "portal.http_client",
    "portal.accounts",
    "portal.audit",
    "portal.ui",
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

if not PRODUCTION and (BASE_DIR / "portal" / "devtools").is_dir():  # an installation may leave it out
    INSTALLED_APPS.append("portal.devtools")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.core.middleware.real_address.RealAddressMiddleware",
    "portal.core.middleware.request_ids.RequestIdMiddleware",
    "portal.core.logging.redaction.RequestSecretsMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.core.middleware.browser_policies.BrowserPoliciesMiddleware",
    "portal.core.middleware.outages.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.core.middleware.probes.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.core.middleware.htmx_sign_in.HtmxSignInMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.accounts.middleware.SessionActivityMiddleware",
    "portal.accounts.middleware.SignInRequiredMiddleware",
    "portal.identity.enrolment.SecondFactorRequiredMiddleware",
    "portal.audit.middleware.AuditContextMiddleware",
    "portal.accounts.refusals.RefusalMiddleware",
    "portal.core.middleware.browser_policies.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.core.middleware.known_methods.KnownMethodsMiddleware",
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
                "portal.ui.navigation.navigation",
            ],
            "builtins": ["portal.ui.templatetags.ui"],
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
