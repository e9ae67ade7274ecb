"""Whoever writes to SQLite waits in a queue that is fair, that processes share, and that the dead leave."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from portal.accounts.models import User
from portal.core.db.sqlite_lock import write_lock

_HOLDER = """
import django
django.setup()
from portal.core.db.sqlite_lock import write_lock
with write_lock():
    print("mine", flush=True)
    input()
"""

_FORKER = """
import os
import django
django.setup()
from portal.core.db.sqlite_lock import write_lock
with write_lock():
    child = os.fork()
    if child == 0:
        os.read(0, 1)
        os._exit(0)
print("left", flush=True)
os.waitpid(child, 0)
"""


@pytest.fixture(autouse=True)
def _on_sqlite(transactional_db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has many writers at once")


def test_those_who_wait_go_on_in_the_order_in_which_they_came() -> None:
    order: list[int] = []

    def wait_and_note(number: int) -> None:
        with write_lock():
            order.append(number)

    with write_lock():
        threads = [threading.Thread(target=wait_and_note, args=[number]) for number in range(8)]
        for thread in threads:
            thread.start()
            time.sleep(0.02)
        assert order == []
    for thread in threads:
        thread.join(10)
    assert order == list(range(8))


def test_sixty_four_writers_are_all_served_without_sleeping_the_time_away() -> None:
    def write(number: int) -> None:
        try:
            with write_lock(), transaction.atomic():
                User.objects.create(email=f"{number}@example.com")
                time.sleep(0.005)
        finally:
            connection.close()

    with ThreadPoolExecutor(64) as pool:
        list(pool.map(write, range(128)))
    assert User.objects.count() == 128


def test_a_process_that_dies_leaves_the_queue() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    command = [sys.executable, "-c", _HOLDER]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"mine\n"
        threading.Timer(0.2, holder.kill).start()
        with write_lock():
            assert holder.wait(10)


def test_a_child_that_was_forked_in_a_turn_does_not_keep_it() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    command = [sys.executable, "-c", _FORKER]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as forker:
        assert forker.stdout is not None
        assert forker.stdin is not None
        assert forker.stdout.readline() == b"left\n"
        rescue = threading.Timer(5, forker.stdin.close)  # ends the child, so that a broken turn fails and does not hang
        rescue.start()
        with write_lock():
            assert rescue.is_alive()
        rescue.cancel()
        forker.stdin.close()
