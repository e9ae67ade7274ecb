"""Invitation e-mails and their links."""

import logging

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from portal.core.mail_errors import reason_of
from portal.core.public_url import public_url
from portal.people.models import Invitation

logger = logging.getLogger(__name__)


@sensitive_variables("token")
def link_to(token: str) -> str:
    """Return the URL of a token's link."""
    return public_url(reverse("invitation_open", args=[token]))


def mail_is_set_up() -> bool:
    """Return whether mail can be sent, or printed in development; production never prints links."""
    return bool(settings.EMAIL_URL) or not settings.PRODUCTION


@sensitive_variables("link")
def mail_invitation(invitation: Invitation, link: str) -> bool:
    """Send the link to the invited person, outside any transaction; return whether it was sent."""
    if not mail_is_set_up():
        return False
    body = render_to_string("people/invitation.txt", {"invitation": invitation, "link": link})
    try:
        send_mail("Invitation to the SMS Portal", body, None, [invitation.email])
    except Exception as error:  # noqa: BLE001 - after any error the page says that the link was not mailed
        logger.warning("An invitation could not be mailed: %s.", reason_of(error))
        return False
    return True
