"""The actor of a line is who did it, also where allauth only tells whose account changed."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.accounts.actions import reset_second_factor
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import command_line
from portal.audit.event_lookup import fields
from portal.audit.models import Event, PersonalText
from portal.audit.personal import shown
from tests.portal.people.sign_in.conftest import enrol, link_for, prove, sign_in
from tests.support.cast import new_person

NEW = "another battery staple horse"


@pytest.fixture
def bob(db: None) -> User:
    """Somebody with an app and a passkey."""
    bob = new_person("bob")
    Authenticator.objects.create(user=bob, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=bob, type=Authenticator.Type.WEBAUTHN, data={"name": "Laptop"})
    return bob


@pytest.fixture
def told(bob: User) -> Any:
    """Verb, kind and name of the actor, and the label of the target, of every line from now on."""
    before = Event.objects.latest("pk").pk

    def lines() -> list[tuple[str, str, str, str]]:
        texts = {row.commitment: str(row.text) for row in PersonalText.objects.all()}
        events = Event.objects.filter(pk__gt=before).order_by("pk")
        return [
            (
                event.verb,
                event.actor_kind,
                texts[event.actor_text],
                shown(fields(event)["target"]["label"], texts, "?"),
            )
            for event in events
        ]

    return lines


def test_factors_that_a_site_administrator_resets_were_removed_by_them(
    bob: User, site_administrator: User, told: Any
) -> None:
    before = len(told())
    reset_second_factor(person(site_administrator), bob, reason="lost phone")
    assert told()[before:] == [
        ("passkey.removed", "person", "site@example.com", "bob@example.com"),
        ("factor.removed", "person", "site@example.com", "bob@example.com"),
        ("person.second_factor_reset", "person", "site@example.com", "bob@example.com"),
    ]


def test_the_same_by_their_page(bob: User, site_administrator: User, told: Any) -> None:
    client = sign_in(site_administrator)
    before = len(told())
    answer = client.post(f"/people/{bob.pk}/second-factor/reset/", {"reason": "lost phone"})
    assert answer.status_code == 302
    assert {actor for _, _, actor, _ in told()[before:]} == {"site@example.com"}
    assert "factor.removed" in [verb for verb, _, _, _ in told()]


def test_factors_that_go_outside_a_request_were_removed_by_the_command_line(bob: User, told: Any) -> None:
    Authenticator.objects.filter(user=bob).delete()
    by_command = (str(command_line().kind), command_line().label, "bob@example.com")
    assert told() == [("passkey.removed", *by_command), ("factor.removed", *by_command)]
    reset_second_factor(command_line(), bob, reason="there is none left")
    assert len(told()) == 2


def test_ones_own_factors_come_and_go_by_ones_own_hand(administrator: User, told: Any) -> None:
    client = sign_in(administrator)
    prove(client)
    enrol(client)
    client.post("/accounts/second-factor/app/remove/")
    changed = [line for line in told() if line[0].startswith("factor.")]
    assert len(changed) == 5  # the app and the codes are added, the codes are shown, and both are removed
    assert {line[1:] for line in changed} == {("person", "administrator@example.com", "their account")}


def _choose(client: Client, link: str) -> None:
    form = client.get(link, follow=True).context.get("action_url", link)
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302


def test_a_password_that_is_reset_by_a_link_was_reset_by_who_has_the_link(bob: User, told: Any) -> None:
    _choose(Client(), link_for(bob.email))
    assert told()[-1] == ("password.reset", "person", "bob@example.com", "their account")


def test_a_link_that_is_used_in_somebody_elses_browser_signs_them_out_first(
    bob: User, administrator: User, told: Any
) -> None:
    link = link_for(bob.email)
    _choose(sign_in(administrator), link)
    assert told()[-2:] == [
        ("person.signed_out", "person", "administrator@example.com", "their account"),
        ("password.reset", "person", "bob@example.com", "their account"),
    ]
