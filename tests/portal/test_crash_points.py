"""Failpoints kill processes of the tests, and none of production: it does not start with one, and knows none."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from portal.devtools.services import commands, ports
from tests.portal.settings.test_checks import (  # noqa: F401 - fixtures
    PREPARE,
    checkpoint_key,
    keyset,
    reasons,
    safe,
    start,
)

pytestmark = pytest.mark.sweep

_REACH = (
    "from portal.core.tasks.failpoints import failpoint; failpoint('step.sent'); failpoint('step.sent'); print('alive')"
)
_REFUSAL = "CRASH_AT must not be set: it kills processes, for the tests."


def reaching(**environment: str) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "PORTAL_ENV"} | environment
    return subprocess.run(
        [sys.executable, "-c", _REACH], env=env, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.mark.parametrize("point", ["step.sent", "step.sent:1", "step.sent:2"])
@pytest.mark.parametrize("environment", [{}, {"PORTAL_ENV": "development"}])
def test_a_process_of_development_dies_at_its_point(environment: dict[str, str], point: str) -> None:
    assert reaching(CRASH_AT=point, **environment).returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", ["step.sent", "step.sent:1", "step.sent:2", "step.sent:x", "step.sent:"])
@pytest.mark.parametrize("name", ["production", "production\n", "Production", "prod", ""])
def test_a_process_of_production_does_not(name: str, point: str) -> None:
    ran = reaching(CRASH_AT=point, PORTAL_ENV=name)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "alive\n", "")


@pytest.mark.parametrize("point", ["step.other", "step.sent:3", "", "step", ":1"])
def test_another_point_kills_nobody(point: str) -> None:
    assert reaching(CRASH_AT=point).stdout == "alive\n"


def _commands() -> dict[str, list[str]]:
    found = {
        "web": commands.web(ports.free_port()),
        "worker": commands.worker(),
        "worker of orders": commands.order_worker(),
        "beat": commands.beat(),
        "migrate": [sys.executable, "manage.py", "migrate"],
        "shell": [sys.executable, "manage.py", "shell", "-c", "1"],
        "vault": [sys.executable, "manage.py", "vault", "rotate"],
        "startup": [sys.executable, "-c", PREPARE],
    }
    return {name: command[1:] for name, command in found.items()}


@pytest.mark.parametrize("what", _commands())
def test_no_part_of_production_starts_with_one(safe: dict[str, str], what: str) -> None:  # noqa: F811 - the fixture
    command = _commands()[what]
    assert reasons(safe | {"CRASH_AT": "step.sent:1000"}, *command) == [_REFUSAL]


def test_the_system_check_of_production_names_it(safe: dict[str, str]) -> None:  # noqa: F811 - the fixture
    ran = start(safe | {"CRASH_AT": "step.sent:1000"}, "manage.py", "check")
    assert ran.returncode == 1
    assert f"(portal.settings.E010) {_REFUSAL}" in ran.stderr


def test_an_empty_one_is_none(safe: dict[str, str]) -> None:  # noqa: F811 - the fixture
    assert start(safe | {"CRASH_AT": ""}).returncode == 0


def test_the_deployment_check_names_it(tmp_path: Path) -> None:
    ran = start({"CRASH_AT": "step.sent", "VAR_DIR": str(tmp_path)}, "manage.py", "check", "--deploy")
    assert ran.returncode == 1
    assert "(portal.E006) CRASH_AT is set: it kills processes, for the tests." in ran.stderr
    assert "HINT: Unset CRASH_AT" in ran.stderr
