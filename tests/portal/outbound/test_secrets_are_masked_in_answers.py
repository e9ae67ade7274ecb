"""Leaks are planted in every spelling, and must be gone from what is kept; the last tests test the test."""

from __future__ import annotations

import base64
import html
import json
import re
import time
import urllib.parse
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.logging.encodings import KEPT_TEXT, Mask, body_text

if TYPE_CHECKING:
    from collections.abc import Callable

_SECRET = "CNRY pa$$/w\"ör\\d<&'+?=3f0"

_SPELLINGS: dict[str, Callable[[str], str]] = {
    "raw": lambda value: value,
    "JSON, escaped": lambda value: json.dumps({"p": value}),
    "JSON, readable": lambda value: json.dumps({"p": value}, ensure_ascii=False),
    "JSON with escaped slashes": lambda value: json.dumps({"p": value}).replace("/", "\\/"),
    "JSON in JSON": lambda value: json.dumps({"echo": json.dumps({"p": value})}),
    "HTML": lambda value: f"<p>{html.escape(value)}</p>",
    "HTML as Django writes it": lambda value: f"<p>{html.escape(value).replace('&#x27;', '&#39;')}</p>",
    "URL": lambda value: urllib.parse.quote(value, safe=""),
    "URL path": urllib.parse.quote,
    "form": lambda value: urllib.parse.urlencode({"p": value}),
    "URL in lower case": lambda value: re.sub(
        "%..", lambda found: found.group().lower(), urllib.parse.quote(value, safe="")
    ),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 behind one byte": lambda value: base64.b64encode(b"a" + value.encode()).decode(),
    "base64 behind two bytes": lambda value: base64.b64encode(b"ab" + value.encode()).decode(),
    "HTTP Basic": lambda value: "Basic " + base64.b64encode(f"user:{value}".encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(b"ab" + value.encode()).decode(),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
}


def _found(secret: str, text: str) -> bool:
    """Whether any spelling of the middle of the secret stands in the text; independent of the code under test."""
    data = secret.encode()
    spellings = {spell(secret).strip('{}"') for spell in (_SPELLINGS["raw"], _SPELLINGS["URL"], _SPELLINGS["hex"])}
    cores = {base64.b64encode(b"\0" * shift + data).decode()[4:-4] for shift in range(3)}
    return any(spelling in text for spelling in spellings | cores)


@pytest.mark.parametrize("name", _SPELLINGS)
def test_a_secret_is_masked_in_every_spelling(name: str) -> None:
    echoed = f"before {_SPELLINGS[name](_SECRET)} after"
    masked = Mask({"kaleyraPassword": _SECRET}).text(echoed)
    assert "[secret kaleyraPassword]" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert not _found(_SECRET, masked)
    assert "CNRY" not in masked


def test_each_secret_is_named() -> None:
    masked = Mask({"apiKey": "key-1", "kaleyraPassword": "word-2"}).text("key-1 word-2")
    assert masked == "[secret apiKey] [secret kaleyraPassword]"


def test_a_secret_within_another_does_not_spoil_it() -> None:
    assert Mask({"a": "abcd", "b": "abcdefgh"}).text("abcdefgh abcd") == "[secret b] [secret a]"


def test_an_empty_secret_masks_nothing() -> None:
    assert Mask({"a": ""}).text("text") == "text"


def test_no_secrets_no_change() -> None:
    assert Mask({}).text('{"a": 1}') == '{"a": 1}'


def test_fields_that_are_secrets_by_their_name_are_masked_unseen() -> None:
    token = '{"access_token": "eyJ\\"x", "expires_in": 86399, "token_type": "bearer"}'
    masked = Mask({}).text(token)
    assert "eyJ" not in masked
    assert json.loads(masked)["expires_in"] == 86399


@pytest.mark.parametrize("offset", range(-30, 3))
def test_the_cut_does_not_leave_half_a_secret(offset: int) -> None:
    secret = "CNRY-0123456789-abcdefghi"
    text = "x" * (KEPT_TEXT + offset) + secret + "y" * 100
    masked = Mask({"apiKey": secret}).text(text)
    assert "CNR" not in masked
    assert masked.endswith("[cut]")
    assert len(masked) < KEPT_TEXT + 50


def test_masks_before_the_cut_do_not_pull_a_half_in() -> None:
    secret = "CNRY-" + "0123456789" * 20
    text = (secret + " ") * 1000
    assert "CNRY" not in Mask({"k": secret}).text(text)
    assert "0123456789" not in Mask({"k": secret}).text(text)


def test_headers_lose_what_is_secret_by_nature_and_mask_the_rest() -> None:
    kept = Mask({"apiKey": "key-1"}).headers(
        {"set-cookie": "s=1", "authorization": "Basic x", "x-echo": "got key-1", "date": "today", "x-long": "a" * 9999}
    )
    assert kept["x-echo"] == "got [secret apiKey]"
    assert kept["date"] == "today"
    assert len(kept["x-long"]) < 2100
    assert set(kept) == {"x-echo", "date", "x-long"}


@pytest.mark.parametrize(
    "body",
    [
        "é key-1".encode("utf-16"),
        '"é key-1"'.encode("utf-16-le"),
        "<p>key-1".encode("utf-16-be"),
        "é key-1".encode("latin-1"),
        b"\xef\xbb\xbfkey-1",
        b"\x00k\x00e\x00y-1 \xff\xfe",
        b"\xff key-1 \x80",
    ],
)
def test_any_body_becomes_text_in_which_secrets_are_found(body: bytes) -> None:
    text = body_text(body, "text/plain; charset=klingon")
    assert "key-1" in text
    assert "\0" not in text
    assert "key-1" not in Mask({"apiKey": "key-1"}).text(text)


@pytest.mark.sweep
@given(st.binary(max_size=200), st.text(max_size=30))
def test_no_body_and_no_charset_crash(body: bytes, charset: str) -> None:
    body_text(body, f"text/plain; charset={charset}").encode()


@pytest.mark.sweep
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=6, max_size=40), st.text(max_size=20))
def test_no_secret_is_left_raw_whatever_it_is(secret: str, around: str) -> None:
    masked = Mask({"k": secret}).text(f"{around}{secret}{around}")
    assert secret not in masked.replace("[secret k]", "\0")


@pytest.mark.parametrize("name", ["raw", "URL", "base64", "HTTP Basic", "hex"])
def test_the_search_of_these_tests_finds_a_planted_leak(name: str) -> None:
    assert _found(_SECRET, _SPELLINGS[name](_SECRET))


@pytest.mark.parametrize(
    "hostile", ["\\" * 300_000, '"password' + "\\" * 300_000, '"password"' + " " * 300_000, '\\"' * 150_000]
)
def test_a_hostile_text_is_searched_in_one_pass(hostile: str) -> None:
    """The interpreter is held meanwhile: a search that tried again at each backslash would take minutes."""
    began = time.perf_counter()
    Mask({}).text(hostile, limit=len(hostile))
    assert time.perf_counter() - began < 3


@pytest.mark.parametrize("before", ["", "\\", "\\" * 3, "\\" * 7])
def test_a_field_that_is_a_secret_by_its_name_is_masked_however_often_it_is_escaped(before: str) -> None:
    text = Mask({}).text(f'{{{before}"password{before}": {before}"hunter2{before}"}}')
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ({"secret": {"username": "hunter2", "password": "hunter2"}}, {"secret": "[secret]"}),
        ({"webhook": {"secret": "hunter2"}, "id": 7}, {"webhook": {"secret": "[secret]"}, "id": 7}),
        (
            {"secret": {"channels": [{"api": {"secret": "hunter2"}}, {"api": {"secret": "hunter2"}}]}},
            {"secret": {"channels": [{"api": {"secret": "[secret]"}}, {"api": {"secret": "[secret]"}}]}},
        ),
        ({"url": "N/A", "secret": {}}, {"url": "N/A", "secret": {}}),
    ],
)
def test_the_secret_of_a_definition_is_masked_by_its_name(answer: object, kept: object) -> None:
    assert json.loads(Mask({}).text(json.dumps(answer))) == kept
    assert json.loads(Mask({}).text(json.dumps(answer, indent=1))) == kept
    assert "hunter2" not in Mask({}).text(json.dumps(json.dumps(answer)))


def test_a_secret_of_a_definition_that_is_cut_off_is_masked_too() -> None:
    assert "hunter2" not in Mask({}).text(json.dumps({"secret": {"username": "hunter2", "more": "x" * 100}}), limit=40)


@pytest.mark.parametrize("hostile", ['"secret":{' * 30_000, '"secret"' + " " * 300_000, '"secret":' + " " * 300_000])
def test_a_hostile_definition_is_searched_in_one_pass(hostile: str) -> None:
    test_a_hostile_text_is_searched_in_one_pass(hostile)
