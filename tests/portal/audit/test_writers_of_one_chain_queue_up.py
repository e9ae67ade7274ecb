"""Many writers at once, in threads and in processes of their own: no gap, no break, no event lost."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

import pytest
from django.db import connection, transaction

from portal.audit.actors import Actor, ActorKind
from portal.audit.context import acting
from portal.audit.models import SITE_CHAIN, PersonalText
from portal.audit.models import Event as Line
from portal.audit.recording import NewEvent as Entry
from portal.audit.recording import Target, record_many
from portal.audit.verbs import Verb
from tests.portal.audit.conftest import ANN, TENANT, append, problems

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
    assert list(Line.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, WRITERS * EACH + 1))
    assert problems() == []


def test_writers_who_first_name_a_person_at_once_agree_on_one_commitment(transactional_db: None) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(_write, range(WRITERS)))
    texts = ["203.0.113.7", "writer0@example.com", "writer1@example.com"]
    assert list(PersonalText.objects.order_by("text").values_list("text", flat=True)) == texts
    assert Line.objects.values("actor_text").distinct().count() == 2


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
    command = [sys.executable, "-c", _PROCESS]
    processes.extend(subprocess.Popen(command, env=environment) for _ in range(2))
    assert [process.wait(timeout=60) for process in processes] == [0, 0]
    assert Line.objects.count() == 2 * EACH
    assert problems() == []


def test_a_writer_who_waits_for_a_new_text_holds_no_chain(transactional_db: None) -> None:
    append()  # the person is known; only the address is new
    named = Event()

    def waits_for_the_text() -> None:
        named.wait(10)
        try:
            with acting(address="198.51.100.1"):
                append()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(waits_for_the_text)
        with acting(address="198.51.100.1"), transaction.atomic():
            append(tenant_id=None)
            named.set()
            time.sleep(0.3)  # the other one now waits for the address that this transaction has put beside the chain
            append()  # and must not hold the chain that this transaction needs next
        waiting.result(timeout=20)
    assert problems() == []
    assert problems(SITE_CHAIN) == []


def test_writers_of_many_chains_at_once_do_not_wait_in_a_ring(transactional_db: None) -> None:
    tenants = [UUID(int=number) for number in range(1, 6)]

    def write(number: int) -> None:
        mine = tenants[number:] + tenants[:number]  # each writer names them in another order
        lines = [Entry(Verb.TENANT_CHANGED, Target("tenant", str(each), "Acme"), each) for each in mine]
        try:
            for _ in range(5):
                with transaction.atomic():
                    record_many(lines, ANN)
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(write, range(5)))
    assert Line.objects.count() == 5 * 5 * 5
    assert [problems(str(each)) for each in tenants] == [[]] * 5
