"""Installed apps, middleware, templates and static files."""

from bootstrap_wrapper import get_bootstrap_dir

from portal.settings.base import BASE_DIR, PRODUCTION, VAR_DIR

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
