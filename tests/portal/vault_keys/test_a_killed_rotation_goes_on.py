"""`kill -9` at every point of a rotation: nothing is lost, and the next one ends what the dead one began."""

import signal
import stat
from pathlib import Path

import pytest

from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.vault import rotation
from portal.vault.keyset import demand_usable
from tests.portal.vault_keys.conftest import Rotate, by_key, secrets, unreadable

pytestmark = pytest.mark.sweep

#: Adding, promoting and disabling write the file; 250 secrets are two batches of one column.
POINTS = [
    "rotation.drafted:1",
    "rotation.added",
    "rotation.drafted:2",
    "rotation.promoted",
    "rotation.batch:1",
    "rotation.batch:2",
    "rotation.recorded",
    "rotation.drafted:3",
]


@pytest.mark.parametrize("point", POINTS)
def test_at_every_point(rotating: Rotate, keyset: Path, point: str) -> None:
    secrets(250)
    old, held = rotation.primary(), by_key()
    dead = rotating("--grace", "0", CRASH_AT=point)
    assert dead.wait(60) == -signal.SIGKILL, dead.communicate()
    demand_usable(keyset.read_text())
    assert stat.S_IMODE(keyset.stat().st_mode) == 0o600
    assert unreadable() == []
    said = list(rotation.rotate(command_line(), grace=0))
    assert by_key() == {old: 0, rotation.primary(): held[old]}
    assert rotation.key_states() == {old: "DISABLED", rotation.primary(): "ENABLED"}
    assert said[-1] == f"Disabled: {old}."
    assert unreadable() == []
    assert Event.objects.filter(verb=Verb.KEYS_ROTATED).count() == 1
