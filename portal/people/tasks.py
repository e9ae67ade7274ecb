"""E-mails that nobody waits for."""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail

from portal.accounts.models import User
from portal.celery import app

_LOCKED = """Hello {name},

somebody entered a wrong password for your account so often that signing in with it is locked for {minutes} minutes.

Was it you? Wait, then sign in, or reset your password.
Was it not you? Nobody came in, and you need to do nothing. Tell an administrator if it happens again.
"""


@app.task
def tell_of_lock(user_id: str) -> None:
    """Tell a person that their sign-in is locked for a while; nobody has the id, nobody is told."""
    person = User.objects.filter(pk=UUID(user_id), is_active=True).first()
    if person is not None:
        text = _LOCKED.format(name=person, minutes=settings.GUESS_WINDOW_SECONDS // 60)
        send_mail("Your sign-in is locked for a while", text, None, [person.email])
