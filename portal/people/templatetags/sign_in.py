"""`{% load sign_in %}`: what the pages of signing in need beyond the frame's parts."""

from django import template
from django.conf import settings

register = template.Library()
_GROUP = 5


@register.simple_tag
def sign_on_name() -> str:
    """Return how the single sign-on is called, "" when there is none."""
    return str(settings.OIDC_NAME) if settings.OIDC_ISSUER else ""


@register.filter
def in_fives(code: str) -> str:
    """Return the code in groups that can be copied by hand; the sign-in does not mind the spaces."""
    return " ".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
