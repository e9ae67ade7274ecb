"""The test of the tests: whatever the canary tests look through, a canary put there is found, however it is written."""

import base64
import gzip
import html
import io
import json
import logging
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from django.core import signing
from django.db import connection
from django.utils import timezone
from django.views.debug import ExceptionReporter
from redis import Redis

from portal.accounts.sessions import SessionStore
from portal.celery import app
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from tests.support import canaries, environment
from tests.support.canaries import Canary, canary, hits

PLANTED = canary("planted")
OTHER = canary("other")

SPELLINGS: dict[str, Callable[[str], str | bytes]] = {
    "raw": str,
    "UTF-16": lambda value: value.encode("utf-16"),
    "JSON": json.dumps,
    "JSON in JSON": lambda value: json.dumps(json.dumps({"p": value})),
    "repr": repr,
    "repr of bytes": lambda value: repr(value.encode()),
    "HTML": html.escape,
    "URL": lambda value: quote(value, safe=""),
    "form": quote_plus,
    "base64": lambda value: base64.b64encode(value.encode()),
    "base64 behind one byte": lambda value: base64.b64encode(b"a" + value.encode()),
    "base64 behind two bytes": lambda value: base64.b64encode(b"ab" + value.encode()),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(f"user:{value}".encode()),
    "base64 in base64": lambda value: base64.b64encode(b'{"body": "' + base64.b64encode(value.encode()) + b'"}'),
    "hex": lambda value: value.encode().hex(),
    "HEX": lambda value: value.encode().hex().upper(),
    "backslash-u": lambda value: "".join(f"\\u{ord(letter):04x}" for letter in value),
    "zlib": lambda value: zlib.compress(value.encode()),
    "gzip": lambda value: gzip.compress(value.encode()),
    "zlib in base64": lambda value: b"x" + base64.b64encode(zlib.compress(value.encode())),
    "Django's packed signature": lambda value: signing.dumps({"p": value, "pad": "x" * 200}, compress=True),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_in_every_spelling_amid_other_bytes(spelling: str) -> None:
    written = SPELLINGS[spelling](PLANTED.value)
    data = written if isinstance(written, bytes) else written.encode()
    assert hits([("it", b"\0\xffnoise " + data + b" noise\xff\0")], [PLANTED, OTHER]) == ["planted in it"]


@pytest.mark.parametrize(
    "half",
    [PLANTED.value[: len(PLANTED.value) // 2], PLANTED.value[len(PLANTED.value) // 2 :]],
    ids=["first", "second"],
)
def test_half_a_secret_is_found(half: str) -> None:
    assert hits([("it", half.encode())], [PLANTED]) == ["planted in it"]


def test_a_secret_that_somebody_else_chose_is_found_too() -> None:
    data = base64.b64encode(b"password=demo-password;")
    assert hits([("it", data)], [canaries.known("demo-password"), PLANTED]) == ["demo-password in it"]


def test_nothing_is_found_where_nothing_is() -> None:
    assert hits([("it", b"CNRY- " + OTHER.value.encode())], [PLANTED]) == []


def found_in_tables(place: str) -> bool:
    return f"planted in {place}" in hits(canaries.tables(), [PLANTED, OTHER])


def test_in_a_text_and_in_json_of_a_table(db: None) -> None:
    Call.objects.create(sent_at=timezone.now(), answer_body=f"<{PLANTED.value}>", answer_headers={"x": PLANTED.value})
    assert found_in_tables("http_client_call.answer_body")
    assert found_in_tables("http_client_call.answer_headers")


def test_in_a_binary_column_of_a_table(tenant: Tenant) -> None:
    packed = zlib.compress(PLANTED.value.encode())
    Credential.objects.create(tenant=tenant, kind=Kind.NEXUS_API_KEY, ciphertext=packed, set_at=timezone.now())
    assert found_in_tables("vault_credential.ciphertext")


def test_in_a_session(db: None) -> None:
    session = SessionStore()
    session["wizard"] = {"apiKey": PLANTED.value, "pad": "x" * 2000}
    session.save()
    assert found_in_tables("a session")
    assert found_in_tables("accounts_session.session_data")


def test_in_the_message_of_a_task_and_in_the_append_only_file(redis: Redis) -> None:
    app.send_task("nobody.knows.it", args=[PLANTED.value], queue="nobody", argsrepr="()")
    assert hits(canaries.redis_keys(redis), [PLANTED]) == ["planted in Redis: nobody"]
    redis.flushdb()
    kept = hits(canaries.files(environment.root() / "redis"), [PLANTED])
    assert any(".aof" in place for place in kept)


@pytest.mark.parametrize("put", ["set", "lpush", "sadd"])
def test_in_every_kind_of_key(redis: Redis, put: str) -> None:
    getattr(redis, put)("key", PLANTED.value)
    redis.hset("map", "field", PLANTED.value)
    redis.zadd("scores", {PLANTED.value: 1})
    redis.xadd("stream", {"field": PLANTED.value})
    places = [f"planted in Redis: {key}" for key in ("key", "map", "scores", "stream")]
    assert hits(canaries.redis_keys(redis), [PLANTED]) == places


def test_in_a_row_of_sqlite_that_was_deleted(transactional_db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL packs its rows")
    gone = canary("gone")
    Call.objects.create(sent_at=timezone.now(), answer_body=gone.value).delete()
    assert not hits(canaries.tables(), [gone])
    assert hits(canaries.sqlite_bytes(), [gone])


def test_in_a_file_unless_it_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "schedule").write_bytes(b"\0" + PLANTED.value.encode())
    assert hits(canaries.files(tmp_path), [PLANTED]) == ["planted in deep/schedule"]
    assert hits(canaries.files(tmp_path, but=["schedule"]), [PLANTED]) == []


def test_in_a_log_line_that_nobody_masked() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.handle(logging.LogRecord("x", logging.INFO, __file__, 1, "got %r", (PLANTED.value,), None))
    assert hits([("the log", stream.getvalue().encode())], [PLANTED]) == ["planted in the log"]


def report_of(planted: Canary) -> ExceptionReporter:
    try:
        local = {"apiKey": planted.value}
        int(str(local))
    except ValueError as error:
        return ExceptionReporter(None, type(error), error, error.__traceback__)
    raise AssertionError("it did not fail")


def test_in_djangos_own_error_report() -> None:
    report = report_of(PLANTED)
    pages = [("text", report.get_traceback_text().encode()), ("HTML", report.get_traceback_html().encode())]
    assert hits(pages, [PLANTED]) == ["planted in HTML", "planted in text"]
