"""Statements have a time limit that PgBouncer takes and the URL's options outlive; migrations have none."""

import socket
import struct
import threading
import time
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import DatabaseWrapper
from django.db.models.signals import pre_migrate

pytestmark = pytest.mark.databases
postgresql_only = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no such limits")


def limits(which: BaseDatabaseWrapper = connection) -> list[str]:
    with which.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), current_setting('idle_in_transaction_session_timeout')"
        )
        return [*cursor.fetchone()]


def another(**options: str) -> BaseDatabaseWrapper:
    """A further connection, with these options of DATABASE_URL."""
    own = connection.settings_dict
    return DatabaseWrapper(own | {"OPTIONS": own["OPTIONS"] | options}, "default")


@pytest.fixture
def more(db: None) -> Iterator[list[BaseDatabaseWrapper]]:
    opened: list[BaseDatabaseWrapper] = []
    yield opened
    for each in opened:
        each.close()


@postgresql_only
def test_every_connection_is_limited(db: None, more: list[BaseDatabaseWrapper]) -> None:
    more.append(another())
    assert limits(more[0]) == ["15s", "30s"]
    with pytest.raises(OperationalError, match="statement timeout"), more[0].cursor() as cursor:
        cursor.execute("SET statement_timeout = '50ms'; SELECT pg_sleep(1)")


@postgresql_only
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("-csearch_path=portal", ["15s", "30s"]),
        ("-c statement_timeout=70s", ["70s", "30s"]),
        ("--statement-timeout=70s -c idle_in_transaction_session_timeout=5s", ["70s", "5s"]),
    ],
)
def test_options_of_the_url_are_kept(options: str, expected: list[str], more: list[BaseDatabaseWrapper]) -> None:
    more.append(another(options=options))
    assert limits(more[0]) == expected
    with more[0].cursor() as cursor:
        cursor.execute("SHOW search_path")
        assert ("portal" in cursor.fetchone()[0]) == ("search_path" in options)


@postgresql_only
def test_migrations_have_time_and_what_comes_after_has_limits_again(transactional_db: None) -> None:
    seen = []

    def note(**_: object) -> None:
        seen.append(limits())

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '15s'; SET idle_in_transaction_session_timeout = '30s'")
    pre_migrate.connect(note)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(note)
    assert seen[-1] == ["0", "0"]
    assert limits() == ["15s", "30s"]


def test_no_limit_is_a_startup_parameter(db: None) -> None:
    """Reads the first packet that goes to the server, as PgBouncer does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        packets: list[bytes] = []

        def answer() -> None:
            client, _ = server.accept()
            client.settimeout(10)
            with client:
                while True:
                    (size,) = struct.unpack("!I", client.recv(4))
                    packets.append(client.recv(size - 4))
                    if packets[-1][:2] == b"\x00\x03":  # the protocol's version; before it, TLS is asked for
                        return
                    client.sendall(b"N")

        server.settimeout(10)
        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        host, port = server.getsockname()
        own = {"HOST": host, "PORT": str(port), "NAME": "portal", "USER": "u", "PASSWORD": "p", "OPTIONS": {}}
        with pytest.raises(OperationalError):
            DatabaseWrapper(connection.settings_dict | own, "default").ensure_connection()
        thread.join(10)
    names = packets[-1][4:].split(b"\0")[::2]
    assert set(names) - {b""} <= {b"user", b"database", b"client_encoding", b"application_name"}


@postgresql_only
def test_a_server_that_takes_the_connection_and_stays_silent_is_given_up_soon(db: None) -> None:
    """A page would hold its thread for two minutes, and eight such pages the probes too."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = {"HOST": "127.0.0.1", "PORT": str(silent.getsockname()[1])}
        which = DatabaseWrapper(connection.settings_dict | there, "default")
        began = time.monotonic()
        with pytest.raises(OperationalError, match="timeout"):
            which.ensure_connection()
    assert time.monotonic() - began < 15
