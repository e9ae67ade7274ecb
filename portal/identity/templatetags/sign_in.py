"""Template tags and filters of the sign-in pages: `{% load sign_in %}`."""

from django import template
from django.conf import settings

register = template.Library()
_GROUP = 5


@register.simple_tag
def sign_on_name() -> str:
    """Return the name of the single sign-on, or "" if there is none."""
    return str(settings.OIDC_NAME) if settings.OIDC_ISSUER else ""


@register.filter
def in_fives(code: str) -> str:
    """Return the code in groups that are easier to copy; sign-in ignores the spaces."""
    return " ".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
