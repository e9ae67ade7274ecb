"""How people come in: by invitation only, so nobody signs themselves up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Closes the sign-up that allauth would offer."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Say no: accounts are made by administrators."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Let `next` lead to a path of this portal and nowhere else; allauth's own stumbles over what is no URL."""
        return bool(url_has_allowed_host_and_scheme(url, allowed_hosts=None))
