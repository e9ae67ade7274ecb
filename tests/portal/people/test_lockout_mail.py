"""A person is told of each lock once: not twice, not of none, and not never because a mail server was away."""

import smtplib
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.utils import timezone

from portal.accounts.models import User
from portal.identity.lockout import NOBODY, lock_sign_in
from portal.identity.lockout_mail import KIND, announce
from portal.identity.models import LockoutMail
from portal.identity.tasks import tell_of_lock
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


def test_a_message_about_a_lock_that_never_was_tells_nobody(administrator: User) -> None:
    for who in (administrator.pk, NOBODY, uuid4()):
        tell_of_lock(str(who))
    assert mail.outbox == []


def test_a_lock_is_told_once_however_often_the_message_comes(administrator: User, published: list[str]) -> None:
    lock_sign_in(administrator.email)
    assert published == [str(administrator.pk)]
    for _ in range(3):
        tell_of_lock(str(administrator.pk))
    assert [message.to for message in mail.outbox] == [[administrator.email]]
    lock_sign_in(administrator.email)
    tell_of_lock(str(administrator.pk))
    assert len(mail.outbox) == 2


def test_a_mail_server_that_is_away_is_asked_again(
    administrator: User, published: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise smtplib.SMTPServerDisconnected("away")

    lock_sign_in(administrator.email)
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", away)
        tell_of_lock(str(administrator.pk))
    published.clear()
    sweep(KIND)
    assert published == [str(administrator.pk)]
    tell_of_lock(str(administrator.pk))
    assert [message.to for message in mail.outbox] == [[administrator.email]]
    published.clear()
    sweep(KIND)
    assert published == []


def test_a_lock_of_yesterday_is_told_to_nobody_any_more(administrator: User, published: list[str]) -> None:
    announce(administrator.pk)
    LockoutMail.objects.update(locked_at=timezone.now() - timedelta(hours=25))
    published.clear()
    sweep(KIND)
    tell_of_lock(str(administrator.pk))
    assert published == []
    assert mail.outbox == []


def test_an_address_that_nobody_signs_in_with_makes_the_same_work_and_no_mail(published: list[str]) -> None:
    lock_sign_in("nobody@example.com")
    assert published == [str(NOBODY)]
    tell_of_lock(str(NOBODY))
    assert mail.outbox == []
    assert LockoutMail.objects.get().told_at is not None
