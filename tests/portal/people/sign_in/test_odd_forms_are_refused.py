"""What no browser sends: every form of the sign-in refuses it in words, and nothing changes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from portal.accounts.models import User
from tests.portal.people.sign_in.conftest import enrol, is_in, prove, sign_in, verbs

pytestmark = pytest.mark.sweep

ODD: list[Any] = [
    "",
    "x" * 50_000,
    "\x00",
    "١٢٣٤٥٦",
    "{",
    "[]",
    "1",
    "9" * 5_000,
    "[" * 100_000,
    "null",
    '"x"',
    "{}",
    json.dumps({"id": "x", "rawId": "x", "type": "public-key", "response": {}}),
    json.dumps({"id": "x", "rawId": "!", "type": "public-key", "response": {"userHandle": 1}}),
    json.dumps({"id": 1, "rawId": [], "type": "x", "response": "x"}),
    json.dumps(
        {
            "id": "eA",
            "rawId": "eA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "e30",
                "authenticatorData": "eA",
                "signature": "eA",
                "attestationObject": "eA",
                "userHandle": "eA",
            },
        }
    ),
]
PATHS = [
    "login/",
    "reauthenticate/",
    "password/change/",
    "password/reset/",
    "second-factor/ask/",
    "second-factor/ask-again/",
    "second-factor/app/",
    "passkeys/add/",
    "passkeys/login/",
    "passkeys/ask-again/",
]
FIELDS = ("login", "password", "oldpassword", "password1", "password2", "email", "code", "credential", "name", "next")


def statuses(client: Client, path: str) -> set[int]:
    client.get(f"/accounts/{path}")  # offers a challenge, where there is one
    found = set()
    for odd in ODD:
        found.add(client.post(f"/accounts/{path}", dict.fromkeys(FIELDS, odd)).status_code)
        found.add(client.post(f"/accounts/{path}", {"credential": odd}).status_code)
    return found


@pytest.fixture
def unlimited(settings: Any) -> None:
    """The limits would answer for the forms."""
    settings.ACCOUNT_RATE_LIMITS = False
    settings.MFA_RATE_LIMITS = False


@pytest.mark.usefixtures("unlimited")
def test_no_form_breaks_at_odd_input(administrator: User, frozen: Callable[[float], None]) -> None:
    signed_in = sign_in(administrator)
    prove(signed_in)
    enrol(signed_in)
    half_way = sign_in(administrator)
    before = list(Authenticator.objects.values_list("pk", "data"))
    odd = {
        (path, who): found
        for path in PATHS
        for who, client in (("in", signed_in), ("half way", half_way), ("stranger", Client()))
        if not (found := statuses(client, path)) <= {200, 302, 404}
    }
    assert odd == {}
    assert list(Authenticator.objects.values_list("pk", "data")) == before
    assert not is_in(half_way)
    assert is_in(signed_in)
    assert "person.sign_in_refused" in verbs(), "a passkey that is none is in the history"


@pytest.mark.usefixtures("redis")
def test_somebody_elses_passkey_is_like_none(administrator: User, auditor: User) -> None:
    theirs = Authenticator.objects.create(user=auditor, type="webauthn", data={"name": "Theirs", "credential": {}})
    client = sign_in(administrator)
    prove(client)
    for what in ("name", "remove"):
        for pk in (theirs.pk, theirs.pk + 1):
            assert client.get(f"/accounts/passkeys/{pk}/{what}/").status_code == 404
            assert client.post(f"/accounts/passkeys/{pk}/{what}/", {"name": "Mine"}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.data["name"] == "Theirs"
