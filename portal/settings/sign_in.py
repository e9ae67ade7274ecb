"""Sign-in: passwords, second factors, single sign-on, and the limits for guessing."""

from portal.settings.base import PRODUCTION
from portal.settings.env import env

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
ACCOUNT_ADAPTER = "portal.identity.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_FORMS = {
    "reset_password": "portal.identity.passwords.AskForLinkForm",
    "reset_password_from_key": "portal.identity.passwords.ChoosePasswordForm",
}
PASSWORD_RESET_TIMEOUT = 3600

MFA_ADAPTER = "portal.identity.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "portal.identity.forms.ActivateAppForm",
    "add_webauthn": "portal.identity.forms.AddPasskeyForm",
    "authenticate_webauthn": "portal.identity.forms.UsePasskeyForm",
    "login_webauthn": "portal.identity.forms.SignInByPasskeyForm",
    "reauthenticate_webauthn": "portal.identity.forms.ShowPasskeyAgainForm",
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

SOCIALACCOUNT_ADAPTER = "portal.identity.single_sign_on.SignOnAccountAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # linked by issuer and subject: anybody can claim an e-mail address
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True

GUESS_WINDOW_SECONDS = 900
GUESSES_PER_ACCOUNT = f"10/{GUESS_WINDOW_SECONDS}s/key"
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    # The address first: who is stopped there does not use up the guesses of the account, and so cannot lock it.
    "login_failed": f"30/{GUESS_WINDOW_SECONDS}s/ip,{GUESSES_PER_ACCOUNT}",
}
STEP_UP_SECONDS = env.number("STEP_UP_SECONDS", 600, least=1)
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(STEP_UP_SECONDS)
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
LOGOUT_REDIRECT_URL = "account_login"
INVITATION_DAYS = env.number("INVITATION_DAYS", 7, most=365)

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
