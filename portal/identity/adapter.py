"""allauth account adapter: no public sign-up, and audit events for what allauth does."""

from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.models import User
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.identity import history
from portal.identity.lockout import GuessLimits

_RESET = "account_reset_password_from_key"


class AccountAdapter(GuessLimits):
    """Disables allauth's sign-up, and records its changes of accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Return False: accounts are created by administrators and invitations."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Allow `next` to lead only to a path of this portal; allauth's own check raises for some invalid URLs."""
        return bool(url_has_allowed_host_and_scheme(url, allowed_hosts=None))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password, and for which account it was tried."""
        super().authentication_failed(request, **credentials)
        user = User.objects.filter(email__iexact=str(credentials.get("email") or "")).first()
        history.sign_in_refused(user, "password")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Record that a disabled person entered the correct password, and show the page that says so."""
        history.sign_in_refused(user, "password", "The account is disabled.")
        page: HttpResponse = super().respond_user_inactive(request, user)
        return page

    @atomic
    def set_password(self, user: User, password: str) -> None:
        """Set the password and record it in one transaction; this ends the person's other sessions.

        Nothing else of the row is written: the person may have been disabled since it was read.
        """
        match = self.request.resolver_match
        user.set_password(password)
        user.save(update_fields=["password"])
        history.password_set(user, Verb.PASSWORD_RESET if match.url_name == _RESET else Verb.PASSWORD_CHANGED)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> NoReturn:
        """Send nothing of allauth's own: its links name the host that a browser named, and its pages would wait."""
        del template_prefix, email, context
        raise RuntimeError("allauth sends no e-mails here; see portal.identity.reset_mail.")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Return to the account page, which shows the message."""
        return reverse("your_account")
