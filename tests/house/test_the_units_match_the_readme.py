"""`deploy/` against the code and the README: names of settings, flags of commands, time limits, ports."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.support.environment import setting_names, settings_text
from tests.support.files import PROJECT

pytestmark = pytest.mark.sweep

UNITS = sorted((PROJECT / "deploy" / "systemd").glob("*.service"))
EXAMPLE = PROJECT / "deploy" / "systemd" / "portal.env.example"
UPKEEP = PROJECT / "deploy" / "systemd" / "upkeep.env.example"
README = (PROJECT / "README.md").read_text()
NGINX = (PROJECT / "deploy" / "nginx.conf").read_text()


def service(unit: Path) -> dict[str, str]:
    """The unit's section [Service]."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have capitals
    parser.read(unit)
    return dict(parser["Service"])


def command(unit: Path) -> list[str]:
    """What the unit starts, with this environment's interpreter in place of /opt/portal's."""
    program, *arguments = shlex.split(service(unit)["ExecStart"])
    return [sys.executable, "-m", Path(program).name, *arguments]


def refused(arguments: list[str]) -> str:
    """What a command says against its arguments."""
    done = subprocess.run(arguments, cwd=PROJECT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


def named_in_the_readme() -> set[str]:
    """The settings in the first column of the README's table."""
    rows = [line.split("|")[1] for line in README.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def named_in_the_example() -> set[str]:
    return set(re.findall(r"^([A-Z_]+)=", EXAMPLE.read_text(), re.MULTILINE))


def demanded_by_production() -> set[str]:
    rows = [line for line in README.splitlines() if "Production demands it" in line]
    return {re.findall(r"`([A-Z_]+)`", row)[0] for row in rows}


def test_the_readme_names_no_setting_that_is_not_read() -> None:
    assert named_in_the_readme() - set(setting_names()) == set()


def test_the_example_names_no_setting_that_is_not_read() -> None:
    assert named_in_the_example() - set(setting_names()) == set()


def test_the_example_names_all_that_production_demands() -> None:
    assert demanded_by_production() == {
        "SECRET_KEY",
        "ALLOWED_HOSTS",
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "VAULT_KEYSET_FILE",
    }
    assert demanded_by_production() <= named_in_the_example()


def test_every_part_has_a_unit() -> None:
    assert [unit.stem for unit in UNITS] == ["portal-beat", "portal-orders", "portal-web", "portal-worker@"]
    for unit in UNITS:
        assert f"`{unit.stem}" in README


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_its_command_is_understood(unit: Path) -> None:
    check = "--check-config" if "gunicorn" in command(unit) else "--help"
    assert refused([*command(unit), check]) == ""


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_flag_that_does_not_exist_would_be_seen(unit: Path) -> None:
    check = "--check-config" if "gunicorn" in command(unit) else "--help"
    assert "--no-such-flag" in refused([*command(unit), "--no-such-flag", check])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_it_comes_back_when_it_dies_and_only_its_head_is_asked_to_stop(unit: Path) -> None:
    wanted = {
        "Restart": "always",
        "KillSignal": "SIGTERM",
        "KillMode": "mixed",
    }
    assert wanted.items() <= service(unit).items()
    assert "EnvironmentFile=/etc/portal/portal.env\n" in unit.read_text()


def test_a_worker_has_the_time_of_a_call_to_stop_and_its_lease_outlasts_it() -> None:
    (worker,) = (unit for unit in UNITS if "worker" in unit.stem)
    defaults = dict(re.findall(r'env\.number\("([A-Z_]+)", ([\d.]+)', settings_text()))
    call = float(defaults["OUTBOUND_TOTAL_SECONDS"])
    assert call < float(service(worker)["TimeoutStopSec"])
    assert call < float(defaults["SETUP_LEASE_SECONDS"])


def queues(unit: Path) -> list[str]:
    arguments = command(unit)
    return arguments[arguments.index("--queues") + 1].split(",") if "--queues" in arguments else []


def test_every_queue_has_one_kind_of_worker_that_listens_to_it() -> None:
    assert sorted(name for unit in UNITS for name in queues(unit)) == sorted(settings.QUEUES)


def test_the_worker_of_orders_is_killed_neither_by_its_lease_nor_by_systemd_while_it_sends() -> None:
    (orders,) = (unit for unit in UNITS if unit.stem == "portal-orders")
    arguments = command(orders)
    hard, soft = (float(arguments[arguments.index(flag) + 1]) for flag in ("--time-limit", "--soft-time-limit"))
    defaults = dict(re.findall(r'env\.number\("([A-Z_]+)", ([\d.]+)', settings_text()))
    assert float(defaults["OUTBOUND_TOTAL_SECONDS"]) < soft < hard < float(defaults["ORDER_LEASE_SECONDS"])
    assert hard < float(service(orders)["TimeoutStopSec"])
    assert arguments[arguments.index("--pool") + 1] == "prefork"  # the other pools keep no time limit


def test_the_proxy_speaks_to_the_web_unit_and_sets_what_the_portal_believes() -> None:
    web = next(unit for unit in UNITS if unit.stem == "portal-web")
    arguments = command(web)
    address = arguments[arguments.index("--bind") + 1]
    assert set(re.findall(r"proxy_pass http://(\S+);", NGINX)) == {"portal"}
    assert re.findall(r"^    server (\S+) ", NGINX, re.MULTILINE) == [address]
    assert "proxy_set_header X-Forwarded-Proto https;" in NGINX
    assert "proxy_set_header X-Real-IP $remote_addr;" in NGINX


def test_systemd_understands_the_units() -> None:
    verify = shutil.which("systemd-analyze")
    if verify is None:
        pytest.skip("no systemd-analyze on the PATH")
    done = subprocess.run([verify, "verify", *map(str, UNITS)], capture_output=True, text=True, check=False)
    assert [line for line in done.stderr.splitlines() if "Unknown" in line or "Failed to parse" in line] == []


def test_the_hardening_counts_for_every_unit() -> None:
    """systemd reads it for each unit whose name begins with "portal-"; 10 is open, 0 closed."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on the PATH")
    for unit in UNITS:
        asked = [analyze, "security", "--offline=true", "--threshold=20", str(unit)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-200:]


def test_only_workers_of_upkeep_are_given_the_key_that_signs_the_history() -> None:
    [key] = re.findall(r"^CHECKPOINT_KEY_FILE=(\S+)$", UPKEEP.read_text(), re.MULTILINE)
    assert "CHECKPOINT_KEY_FILE" not in named_in_the_example()
    for unit in UNITS:
        may_sign = "upkeep" in queues(unit)
        assert ("EnvironmentFile=/etc/portal/upkeep.env" in unit.read_text()) == may_sign
        assert (f"InaccessiblePaths=-{Path(key).parent}" in unit.read_text()) != may_sign
