"""A password is changed by whoever knows it, and reset by whoever reads the mail; both end the other sessions."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from portal.accounts.models import User
from tests.portal.people.sign_in.conftest import is_in, last, link_for, sign_in, verbs
from tests.support.cast import PASSWORD

NEW = "another battery staple horse"


def choose(link: str, password: str = NEW) -> Any:
    client = Client()
    page = client.get(link, follow=True)
    form = page.context.get("action_url", link)
    return client.post(form, {"password1": password, "password2": password})


def test_a_link_resets_the_password_once_and_ends_all_sessions(administrator: User) -> None:
    elsewhere = sign_in(administrator)
    link = link_for(administrator.email)
    assert choose(link).status_code == 302
    assert not is_in(elsewhere)
    assert not is_in(sign_in(administrator, PASSWORD))
    assert is_in(sign_in(administrator, NEW))
    assert "The link does not work" in choose(link, PASSWORD).content.decode()
    assert is_in(sign_in(administrator, NEW))
    own = [verb for verb in verbs() if verb.startswith("password.")]
    assert own == ["password.reset_asked", "password.reset"]


@pytest.mark.parametrize("weak", ["short", "password1234", "administrator@example.com"])
def test_a_weak_password_is_refused(administrator: User, weak: str) -> None:
    assert choose(link_for(administrator.email), weak).status_code == 200
    assert is_in(sign_in(administrator, PASSWORD))


def test_an_unknown_or_disabled_address_gets_the_same_page_and_no_mail(administrator: User) -> None:
    assert link_for("nobody@example.com") == ""
    User.objects.update(is_active=False)
    assert link_for(administrator.email) == ""
    assert mail.outbox == []


def test_a_mail_server_that_is_gone_shows_no_difference(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: object) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    assert link_for(administrator.email) == ""


def test_changing_it_asks_for_the_old_one_and_ends_the_other_sessions(administrator: User) -> None:
    here, elsewhere = sign_in(administrator), sign_in(administrator)
    wrong = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert here.post("/accounts/password/change/", wrong).status_code == 200
    assert here.post("/accounts/password/change/", wrong | {"oldpassword": PASSWORD})["Location"] == "/accounts/"
    assert is_in(here)
    assert not is_in(elsewhere)
    assert verbs()[-1] == "password.changed"


def test_the_history_tells_sign_ins_without_what_was_typed(administrator: User) -> None:
    client = sign_in(administrator)
    client.post("/accounts/logout/")
    sign_in(administrator, "a guess")
    Client().post("/accounts/login/", {"login": "hunter2@example.com", "password": "x"})
    assert verbs()[-4:] == ["person.signed_in", "person.signed_out", *["person.sign_in_refused"] * 2]
    line = last("person.sign_in_refused")
    assert line["target"] == {"type": "person", "id": "", "label": "somebody unknown"}
    assert line["address"], "where it came from"
    assert "hunter2" not in str(line)


def test_a_disabled_person_with_the_right_password_is_told_and_recorded(administrator: User) -> None:
    User.objects.update(is_active=False)
    client = Client()
    answer = client.post("/accounts/login/", {"login": administrator.email, "password": PASSWORD}, follow=True)
    assert "This account is disabled" in answer.content.decode()
    assert last("person.sign_in_refused")["reason"] == "The account is disabled."
