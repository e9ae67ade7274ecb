"""`kill -9` at every point that the code names: others finish what the dead began, and each service is created once."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.vault.models import Credential
from provisioning.models import Setup
from provisioning.runs.actions import start_setup
from provisioning.runs.claims import RUN_TASK
from provisioning.wizard.actions import save_step
from tests.faults import runs
from tests.faults.conftest import again
from tests.provisioning import kaleyra
from tests.support.files import PROJECT, ours

pytestmark = pytest.mark.faults

#: What a process is doing when it dies: running a set-up (at its first or its second service), putting it off after a
#: 503, sweeping, or answering a person who saves a step or clicks on Run.
RUNNING, SECOND, PUTTING_OFF = "running", "second", "putting_off"
SWEEPING, SAVING, STARTING = "sweeping", "saving", "starting"
WAYS = {
    "save.uncommitted": [SAVING],
    "start.uncommitted": [STARTING],
    "wakeup.committed": [STARTING, PUTTING_OFF, SWEEPING],
    "wakeup.unsent": [STARTING, PUTTING_OFF, SWEEPING],
    "wakeup.sent": [STARTING, PUTTING_OFF, SWEEPING],
    "claim.before": [RUNNING],
    "claim.uncommitted": [RUNNING],
    "claim.committed": [RUNNING],
    "send.before": [RUNNING, SECOND],
    "answer.unread": [RUNNING, SECOND, PUTTING_OFF],
    "send.answered": [RUNNING, SECOND, PUTTING_OFF],
    "settle.uncommitted": [RUNNING, SECOND, PUTTING_OFF],
    "settle.committed": [RUNNING, SECOND, PUTTING_OFF],
    "sweep.uncommitted": [SWEEPING],
    "sweep.committed": [SWEEPING],
}
#: In the middle of a person's transaction: afterwards nothing of it may stand.
UNCOMMITTED = {"save.uncommitted", "start.uncommitted"}
NEW_PASSWORD = "a password that was saved again"
_FAILPOINT = re.compile(r'\bfailpoint\("([a-z.]+)"\)')


@dataclass
class Death:
    """One process that is to die at a point, and the set-up that it has in hand."""

    point: str
    way: str
    setup: Setup
    user: User

    @property
    def name(self) -> str:
        return f"{self.way}-{self.point}"

    def job(self) -> dict[str, object]:
        """What the nursery is told."""
        job: dict[str, object] = {"name": self.name, "setup": str(self.setup.pk), "alone": self.way == SWEEPING}
        job |= {"task": "", "url_name": "", "arguments": [], "data": {}, "user": str(self.user.pk)}
        job["crash_at"] = f"{self.point}:2" if self.way == SECOND else self.point
        if self.way == SAVING:
            data = kaleyra.ACCOUNT | {"kaleyraPassword": NEW_PASSWORD, "version": str(self.setup.version)}
            return job | {"url_name": "setup_step", "arguments": [str(self.setup.pk), "account"], "data": data}
        if self.way == STARTING:
            return job | {"url_name": "setup_start", "arguments": [str(self.setup.pk)]}
        return job | {"task": "portal.operations.tasks.sweep" if self.way == SWEEPING else RUN_TASK}


def points() -> set[str]:
    """All points that the code names."""
    files = ours("portal/*.py", "provisioning/*.py", "numbers/*.py")
    return {name for path in files for name in _FAILPOINT.findall(path.read_text())}


def named_by_other_tests(point: str) -> bool:
    """Whether another test lets a process die there, as those of the keys and of set-ups from files do."""
    return any(f'"{point}' in path.read_text() for path in ours("tests/*.py") if path.name != Path(__file__).name)


def test_no_point_is_forgotten() -> None:
    assert set(WAYS) <= points()
    assert [point for point in sorted(points() - set(WAYS)) if not named_by_other_tests(point)] == []


@pytest.fixture
def deaths(
    user: User, drafts: Callable[[int], list[Setup]], sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> list[Death]:
    """One set-up for each death, as far as it is when the process that will die comes to it."""
    planned = [(point, way) for point, ways in WAYS.items() for way in ways]
    deaths = [Death(*plan, setup, user) for plan, setup in zip(planned, drafts(len(planned)), strict=True)]
    with monkeypatch.context() as patched:
        patched.setattr("portal.core.tasks.publish._relay_put", lambda _: None)  # only the one that dies may hear of it
        runs.start(user, [death.setup for death in deaths if death.way not in {SAVING, STARTING}])
    for death in deaths:
        if death.way == PUTTING_OFF:
            sandbox.fault("unavailable", match={"path_contains": str(death.setup.tenant.ccid)})
    return deaths


def die(deaths: list[Death]) -> dict[str, str]:
    """Let all of them die; how each ended, by name."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.nursery"],
        input=json.dumps([death.job() for death in deaths]),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=PROJECT,
    )
    ends: dict[str, str] = json.loads(done.stdout)
    return ends


def press_again(death: Death) -> None:
    """What a person does whose page did not answer: save again, run again."""
    if death.way == SAVING:
        data = kaleyra.ACCOUNT | {"kaleyraPassword": NEW_PASSWORD}
        save_step(person(death.user), death.setup, "account", data, death.setup.version)
    if death.way in {SAVING, STARTING}:
        start_setup(person(death.user), death.setup)


def written(setup: Setup) -> list[object]:
    """All that a save writes."""
    setup.refresh_from_db()
    credentials = (
        Credential.objects.filter(tenant_id=setup.tenant_id).order_by("kind").values_list("kind", "fingerprint")
    )
    return [setup.version, setup.state, list(credentials), Event.objects.filter(chain=str(setup.tenant_id)).count()]


@pytest.mark.parametrize("round_", again(20))
def test_what_the_dead_began_is_finished_once(
    round_: int,
    deaths: list[Death],
    finish: Callable[[list[Setup]], None],
    sandbox: Control,
    subtests: pytest.Subtests,
) -> None:
    before = {death.name: written(death.setup) for death in deaths}
    ends = die(deaths)
    wrong = {death.name: [] if ends[death.name] == "died" else [ends[death.name]] for death in deaths}
    for death in deaths:
        if death.point in UNCOMMITTED and written(death.setup) != before[death.name]:
            wrong[death.name].append("something of it was written")
        press_again(death)
    finish([death.setup for death in deaths])
    for death in deaths:
        with subtests.test(death=death.name):
            assert wrong[death.name] + runs.problems([death.setup], sandbox) == []
