"""Making a checkpoint and bringing it outside are two things: one that fails leaves the other."""

from pathlib import Path

import pytest
from pytest_django import Settings

from portal.audit.checkpoints import signing
from portal.evidence import alerts
from portal.evidence.anchoring import anchor
from portal.evidence.models import Anchoring
from tests.portal.audit.conftest import append
from tests.portal.evidence.conftest import ONE

pytestmark = pytest.mark.databases


def in_folder(anchored: Path) -> int:
    return sum(file.read_text().count("\nnumber ") for file in anchored.glob("checkpoints-*.txt"))


def trouble() -> str:
    return Anchoring.objects.get(pk=1).trouble


def test_without_its_key_earlier_checkpoints_still_reach_the_folder(anchored: Path, settings: Settings) -> None:
    append(ONE)
    assert signing.make() is not None
    assert in_folder(anchored) == 0
    append(ONE)
    Path(settings.CHECKPOINT_KEY_FILE).write_text("none")
    assert anchor() is None
    assert in_folder(anchored) == 1
    assert trouble()
    assert alerts.not_anchored() == trouble()


def test_a_failure_that_nobody_foresaw_is_told_on_the_operations_page(
    anchored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append(ONE)
    assert signing.make() is not None

    def fail(*, even_if_quiet: bool = False) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(signing, "make", fail)
    assert anchor() is None
    assert in_folder(anchored) == 1
    assert "could not be made. The portal's log says why" in trouble()


def test_a_folder_that_fails_leaves_the_checkpoint(anchored: Path, settings: Settings) -> None:
    append(ONE)
    anchored.parent.joinpath("taken").write_text("a file")
    settings.CHECKPOINT_FOLDER = str(anchored.parent / "taken")
    made = anchor()
    assert made is not None
    assert "cannot be used" in trouble()
