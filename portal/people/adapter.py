"""How people come in: by invitation only, so nobody signs themselves up; and what of it the history keeps."""

import logging
from smtplib import SMTPException
from typing import Any

from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.accounts.models import User
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.people.guessing import GuessLimits
from portal.people.sign_in import history

_log = logging.getLogger(__name__)
_RESET = "account_reset_password_from_key"


class AccountAdapter(GuessLimits):
    """Closes the sign-up that allauth would offer, and records what allauth does to accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Say no: accounts are made by administrators."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Let `next` lead to a path of this portal and nowhere else; allauth's own stumbles over what is no URL."""
        return bool(url_has_allowed_host_and_scheme(url, allowed_hosts=None))

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password, with whose account it was tried on."""
        super().authentication_failed(request, **credentials)
        user = User.objects.filter(email__iexact=str(credentials.get("email") or "")).first()
        history.sign_in_refused(user, "password")

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Record that a disabled person gave the right answers, and show the page that says so."""
        history.sign_in_refused(user, "password", "The account is disabled.")
        page: HttpResponse = super().respond_user_inactive(request, user)
        return page

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Record that a link was asked for, and send it."""
        history.reset_asked(user)
        super().send_password_reset_mail(user, email, context)

    @atomic
    def set_password(self, user: User, password: str) -> None:
        """Set the password and record it, in one transaction; all other sessions of the person end by it."""
        match = self.request.resolver_match
        super().set_password(user, password)
        history.password_set(user, Verb.PASSWORD_RESET if match.url_name == _RESET else Verb.PASSWORD_CHANGED)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send after the commit: no other system is waited for in a transaction."""
        message = self.render_mail(template_prefix, email, {"request": self.request, "email": email, **context})
        transaction.on_commit(lambda: _send(message))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's signature
        """Return to the account, where the message stands."""
        return reverse("your_account")


def _send(message: EmailMessage) -> None:
    """Send, and only note it when the mail server does not take it: an error page would tell who has an account."""
    try:
        message.send()
    except (OSError, SMTPException):
        _log.exception("A mail could not be sent; see EMAIL_URL")
