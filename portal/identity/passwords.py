"""Choosing another password by a link: the forms and the page, where allauth's would look somebody up or race."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, ResetPasswordKeyForm, default_token_generator
from allauth.account.views import PasswordResetFromKeyView
from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_variables

from portal.accounts.models import User
from portal.audit.transactions import atomic
from portal.identity import reset_mail
from portal.identity.lockout import one_spelling


class LinkUsed(Exception):
    """Somebody has used the link since this page was opened."""


class AskForLinkForm(ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Looks nobody up: whether somebody signs in with an address shows neither in words nor in time."""

    def clean_email(self) -> str:
        """Return the one spelling of the address, by which requests are counted too."""
        return one_spelling(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Leave the rest to a worker."""
        del request, kwargs
        address: str = self.cleaned_data["email"]
        reset_mail.ask(address)
        return address


class ChoosePasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """Uses the link up together with the change."""

    def save(self) -> None:
        """Set the password. Raises LinkUsed."""
        set_password_by_link(self.user, self.temp_key, self.cleaned_data["password1"])


@sensitive_variables()
@atomic
def set_password_by_link(user: User, key: str, password: str) -> None:
    """Set the password if the link still holds when nobody else can use it. Raises LinkUsed."""
    person = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if not default_token_generator.check_token(person, key):
        raise LinkUsed
    get_adapter().set_password(person, password)


class ChoosePasswordView(PasswordResetFromKeyView):  # type: ignore[misc]  # allauth has no types
    """The page behind the link."""

    def form_valid(self, form: ChoosePasswordForm) -> HttpResponse:
        """Set the password; of two people who do so at the same moment, the second reads that the link is used."""
        try:
            answer: HttpResponse = super().form_valid(form)
        except LinkUsed:
            self.reset_user = None
            answer = self.render_to_response(self.get_context_data(token_fail=True))
        return answer


choose_password = ChoosePasswordView.as_view()
