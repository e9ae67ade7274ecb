"""Answers of the token endpoint that nobody promised not to give."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from genesys_cloud.access import Access
from genesys_cloud.models import AccessToken
from genesys_cloud.tokens import token_for
from portal.http_client.errors import Unreadable
from portal.http_client.messages import Answer, Request


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the token endpoint answer this body."""

    def answer_with(body: object) -> None:
        def send(request: Request, secrets: object) -> Answer:
            return Answer(200, {"content-type": "application/json"}, orjson.dumps(body), "", 1, "login.example")

        monkeypatch.setattr("genesys_cloud.http.send", send)

    return answer_with


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (600, 600),
        ("600", 600),
        (600.5, 600.5),
        (None, 300),
        ("soon", 300),
        (0, 300),
        (-5, 300),
        (True, 300),
        (1e12, 172_800),
    ],
)
def test_how_long_it_lasts_is_believed_within_reason(
    access: Access, answered: Any, told: object, seconds: float
) -> None:
    answered({"access_token": "abc", "token_type": "bearer", "expires_in": told})
    token = token_for(access)
    assert AccessToken.objects.get().expires_at == token.obtained_at + timedelta(seconds=seconds)


@pytest.mark.parametrize("kind", ["bearer", "Bearer"])
def test_the_word_bearer_has_no_case(access: Access, answered: Any, kind: str) -> None:
    answered({"access_token": "abc", "token_type": kind, "expires_in": 60})
    assert token_for(access).value == "abc"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        "abc",
        None,
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": None},
        {"access_token": "a b"},
        {"access_token": "a\r\nx-evil: 1"},
        {"access_token": "ä"},
        {"access_token": "abc", "token_type": "mac"},
        {"access_token": "x" * 8193},
    ],
)
def test_what_is_no_token_is_none(access: Access, answered: Any, body: object) -> None:
    answered(body)
    with pytest.raises(Unreadable):
        token_for(access)
    assert AccessToken.objects.get().ciphertext is None
