"""Many hands sign, verify and pack while others write: no number twice, no false alarm."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from pytest_django import Settings

from portal.audit.checkpoints import folder, signing
from portal.audit.integrity_check import verify_database
from portal.audit.models import Checkpoint, Event
from portal.audit.verifier import verify
from tests.portal.audit.conftest import append
from tests.portal.evidence.packs import judged, made

pytestmark = pytest.mark.databases

TENANTS = [UUID(int=number) for number in (1, 2, 3)]
LINES, ROUNDS = 25, 6


@pytest.fixture
def _anchored_for_real(transactional_db: None, settings: Settings, tmp_path: Path) -> None:
    settings.CHECKPOINT_KEY_FILE = str(tmp_path / "checkpoint-key")
    settings.CHECKPOINT_FOLDER = str(tmp_path / "checkpoints")


def _closing(work: Callable[[], list[str]]) -> list[str]:
    try:
        return work()
    finally:
        connection.close()


def _write(tenant: UUID) -> list[str]:
    for _ in range(LINES):
        append(tenant)
    return []


def _sign(_tenant: UUID) -> list[str]:
    for _ in range(ROUNDS):
        signing.make(even_if_quiet=True)
        folder.append()
    return []


def _prove(_tenant: UUID) -> list[str]:
    """What verification and verifier find wrong meanwhile."""
    labels = {str(tenant): "A tenant" for tenant in TENANTS}
    found = []
    for _ in range(ROUNDS):
        found += verify_database().problems
        verdict = judged(made(labels))
        found += [] if verdict.code == verify.WHOLE else verdict.problems
    return found


@pytest.mark.usefixtures("_anchored_for_real")
def test_signing_verifying_and_packing_go_on_while_others_write() -> None:
    with ThreadPoolExecutor(8) as pool:
        works = [(_write, tenant) for tenant in TENANTS] + [(_sign, TENANTS[0])] * 3 + [(_prove, TENANTS[0])] * 2
        running = [pool.submit(_closing, lambda work=work, tenant=tenant: work(tenant)) for work, tenant in works]  # type: ignore[misc]  # bound at once
        assert [future.result(timeout=60) for future in running] == [[]] * len(works)
    signing.make()
    folder.append()
    found = verify_database()
    assert (found.problems, found.events) == ([], len(TENANTS) * LINES) == ([], Event.objects.count())
    assert found.in_folder == found.checkpoints == Checkpoint.objects.count()
