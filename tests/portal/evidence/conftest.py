"""Fixtures of the evidence's tests: a history with checkpoints, whose key and folder belong to the test."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django import Settings

from portal.audit.checkpoints import folder, signing
from portal.audit.models import Checkpoint
from tests.portal.audit.conftest import append
from tests.portal.audit.conftest import attack as attack  # noqa: PLC0414 - a fixture of both rooms' tests

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def anchored(db: None, settings: Settings, tmp_path: Path) -> Path:
    """A key and a checkpoint folder of this test's own; returns the folder."""
    settings.CHECKPOINT_KEY_FILE = str(tmp_path / "checkpoint-key")
    settings.CHECKPOINT_FOLDER = str(tmp_path / "checkpoints")
    settings.VAR_DIR = tmp_path
    return tmp_path / "checkpoints"


@dataclass(frozen=True)
class Witness:
    """What somebody outside has kept: the checkpoints so far."""

    folder: Path
    known: list[bytes]


def sign() -> Checkpoint:
    """Sign what moved, and bring it outside."""
    made = signing.make(even_if_quiet=True)
    assert made is not None
    folder.append()
    return made


@pytest.fixture
def witness(anchored: Path) -> Witness:
    """Two chains of six events under three checkpoints, which somebody has kept."""
    for _ in range(3):
        for name in ("Acme 1", "Acme 2"):
            append(ONE, name=name)
            append(OTHER, name=name)
        sign()
    notes = Checkpoint.objects.order_by("number").values_list("note", flat=True)
    return Witness(anchored, [bytes(note) for note in notes])
