"""The checkpoint key is demanded where it signs, and nowhere else."""

from pathlib import Path

import pytest

from tests.portal.settings.test_checks import (  # noqa: F401 - fixtures
    checkpoint_key,
    keyset,
    safe,
    start,
)

pytestmark = pytest.mark.sweep

NEW_KEY = "env PORTAL_ENV=development manage.py history new-key --out FILE"
WORKER = ("-m", "celery", "-A", "portal", "worker", "--pool", "solo")


def without_key(safe: dict[str, str]) -> dict[str, str]:  # noqa: F811 - the fixture's value
    return safe | {"CHECKPOINT_KEY_FILE": ""}


@pytest.mark.parametrize("queues", [(), ("-Q", "upkeep"), ("-Q", "setups,upkeep")])
def test_a_worker_of_upkeep_does_not_start_without_the_key(safe: dict[str, str], queues: tuple[str, ...]) -> None:  # noqa: F811 - the fixture's value
    ran = start(without_key(safe), *WORKER, *queues)
    assert ran.returncode == 1
    assert ran.stderr.splitlines() == [
        f"portal: CHECKPOINT_KEY_FILE must name the key that signs the history's checkpoints; `{NEW_KEY}` makes one."
    ]


@pytest.mark.parametrize(
    ("mode", "text", "why"),
    [
        (0o640, None, "can be read by others; chmod 600 it."),
        (0o600, "{}", "The file of the checkpoint key holds none"),
        (0o600, "PRIVATE+KEY+x", "The file of the checkpoint key holds none"),
    ],
)
def test_a_key_that_cannot_be_used_is_one_line(
    safe: dict[str, str],  # noqa: F811 - the fixture's value
    checkpoint_key: Path,  # noqa: F811 - the fixture's value
    mode: int,
    text: str | None,
    why: str,
) -> None:
    checkpoint_key.write_text(text or checkpoint_key.read_text())
    checkpoint_key.chmod(mode)
    [line] = start(safe, *WORKER, "-Q", "upkeep").stderr.splitlines()
    assert why in line
    checked = start(safe, "manage.py", "check", "--deploy")
    assert checked.returncode == 1
    assert why in checked.stderr


def test_web_the_worker_of_orders_and_beat_start_without_the_key(safe: dict[str, str]) -> None:  # noqa: F811 - the fixture's value
    ready = "import portal.celery, django; django.setup();"
    ready += " from portal.evidence.checks import demand_checkpoint_key as demand;"
    ran = start(without_key(safe), "-c", f"{ready} demand(options={{'queues': ['orders']}})")
    assert (ran.returncode, ran.stderr) == (0, "")
    ran = start(without_key(safe), "-c", f"{ready} demand(options={{'queues': ['upkeep']}})")
    assert ran.returncode == 1
    assert start(without_key(safe), "manage.py", "check", "--deploy", "--fail-level", "WARNING").returncode == 0
