"""Many writers at once, in threads and in processes of their own: no gap, no break, no event lost."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection, transaction

from portal.audit.actors import Actor, ActorKind
from portal.audit.context import acting
from portal.audit.models import SITE_CHAIN, Event, PersonalText
from tests.portal.audit.conftest import TENANT, append, problems

pytestmark = pytest.mark.databases

WRITERS, EACH = 6, 8

_PROCESS = f"""
import django
django.setup()
from uuid import UUID
from tests.portal.audit.conftest import append
for _ in range({EACH}):
    append(UUID(int={TENANT.int}))
"""


def _write(number: int) -> None:
    actor = Actor(ActorKind.PERSON, f"writer{number % 2}@example.com", UUID(int=number))
    try:
        for _ in range(EACH):
            with acting(address="203.0.113.7"):
                append(actor=actor)
    finally:
        connection.close()


def test_threads_append_to_one_chain_without_a_gap(transactional_db: None) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(_write, range(WRITERS)))
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, WRITERS * EACH + 1))
    assert problems() == []


def test_writers_who_first_name_a_person_at_once_agree_on_one_commitment(transactional_db: None) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(_write, range(WRITERS)))
    texts = ["203.0.113.7", "writer0@example.com", "writer1@example.com"]
    assert sorted(PersonalText.objects.values_list("text", flat=True)) == texts
    assert Event.objects.values("actor_text").distinct().count() == 2


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def test_processes_append_to_one_chain_without_a_gap(
    transactional_db: None, processes: list[subprocess.Popen[bytes]]
) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.support.settings"}
    for _ in range(3):
        processes.append(subprocess.Popen([sys.executable, "-c", _PROCESS], env=environment))
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert Event.objects.count() == 3 * EACH
    assert problems() == []


def test_two_writers_who_name_each_others_new_texts_do_not_wait_in_a_ring(transactional_db: None) -> None:
    def write(number: int) -> None:
        first, second = (TENANT, None) if number % 2 else (None, TENANT)
        try:
            for turn in range(5):
                # A new address each time: both writers must put it beside the chains first.
                with acting(address=f"198.51.100.{turn}"), transaction.atomic():
                    append(first)
                with acting(address=f"198.51.100.{turn + 100}"), transaction.atomic():
                    append(second)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert problems() == []
    assert problems(SITE_CHAIN) == []
    assert Event.objects.count() == 40
