"""Django's error mails show the variables of every frame; wherever an error comes from, no secret is among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.views.debug import ExceptionReporter

from portal.http_client import guarded_connection, rendering, serialization
from portal.http_client.messages import Basic, Secret
from portal.http_client.send import send
from tests.portal.outbound.conftest import post_to
from tests.portal.outbound.raw_server import OK

if TYPE_CHECKING:
    from tests.portal.outbound.conftest import Serve


def _mail_of(url: str, canary: str) -> str:
    """The error mail of a send that failed, both as text and as HTML."""
    headers = {"Authorization": Basic("user", Secret("pw")), "x-api-key": Secret("pw")}
    try:
        send(post_to(url, headers=headers, json={"p": [Secret("pw")]}), {"pw": canary})
    except Exception as error:  # noqa: BLE001 - whatever it is, its mail is looked at
        reporter = ExceptionReporter(None, type(error), error, error.__traceback__, is_email=True)
        # This frame holds the canary by its nature; the mail is about the frames below it.
        frames = [frame for frame in reporter.get_traceback_frames() if frame["filename"] != __file__]
        assert frames
        return repr([(frame["function"], frame["vars"]) for frame in frames])
    raise AssertionError("it did not fail")


def _explode(*_args: Any, **_kwargs: Any) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("where", "name"),
    [
        (serialization, "header_to_send"),
        (serialization, "body_to_send"),
        (rendering, "json_text"),
        (guarded_connection, "_connect"),
    ],
)
def test_a_mistake_anywhere_shows_no_secret(
    where: Any, name: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(OK)
    monkeypatch.setattr(where, name, _explode)
    mail = _mail_of(server.url, "CNRY-1")
    monkeypatch.undo()
    assert "CNRY" not in mail
    assert "Q05SWS" not in mail, "nor in HTTP Basic's base64"


def test_a_refused_header_shows_no_secret(serve: Serve) -> None:
    assert "CNRY" not in _mail_of(serve(OK).url, "CNRY\n1")


def test_a_lost_connection_shows_no_secret(serve: Serve) -> None:
    assert "CNRY" not in _mail_of(serve(lambda _sock, _request: None).url, "CNRY-1")
