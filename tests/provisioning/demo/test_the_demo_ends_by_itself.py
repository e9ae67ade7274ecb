"""`make demo EXIT=1`, twice: the first time does all, the second repeats nothing."""

import json
import re
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from portal.devtools.demo.tenants import API_KEY, KALEYRA_PASSWORD, TENANTS
from portal.devtools.sandbox import gateways
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_SECRET
from tests.provisioning.demo.conftest import Demo
from tests.support import canaries

pytestmark = pytest.mark.sweep

SECRETS = [
    *(API_KEY, KALEYRA_PASSWORD, gateways.SECRET, DEMO_CLIENT_SECRET),
    TENANTS[1].answers("")["asyncAPISignatureKey"],
]


def effects(var: Path) -> list[str]:
    lines = (var / "sandbox.jsonl").read_text().splitlines()
    return [effect for line in lines if (effect := json.loads(line)["effect"])]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


ALL = ["SMS", "mGageSMS", "Async", "SMS", "PurecloudIDP", "SMS", "PorticoSMS"]
CREATED = [f"created {service}" for service in ALL]
COMPLETED = re.compile(r"(\+1 [0-9 ]{12})  completed")


def bought(var: Path) -> list[str]:
    return [effect for effect in effects(var) if effect not in CREATED]


def test_it_sets_up_all_three_options_and_a_second_run_repeats_nothing(
    demo: Demo, var: Path, record: Callable[[], dict[str, Any]]
) -> None:
    first = demo("--exit")
    output, errors = first.communicate(timeout=120)
    assert first.returncode == 0, errors
    assert all(f"{service:<14}created" in output for service in ALL)
    assert [effect for effect in effects(var) if effect in CREATED] == CREATED
    assert COMPLETED.search(output), output
    assert len(bought(var)) == 1
    written = record()
    assert set(written) == {"url", "people", "sandbox"}
    assert set(written["people"]) == {"administrator", "representative", "auditor"}
    assert all(person["email"] in output and person["password"] in output for person in written["people"].values())
    assert {mode(var / name) for name in ("demo.json", "secret_key", "keyset.json", "portal.sqlite3")} == {0o600}

    # Whatever was typed into the wizards stands sealed in the vault alone, and in the ledger of what stands outside.
    kept = [("the output", output.encode()), *canaries.files(var, but=["sandbox.jsonl"])]
    assert canaries.hits(kept, map(canaries.known, SECRETS)) == []

    made = effects(var)
    began = time.monotonic()
    second = demo("--exit")
    output, errors = second.communicate(timeout=60)
    assert second.returncode == 0, errors
    assert time.monotonic() - began < 30
    assert "created" not in output
    assert "Ordering" not in output
    assert "up to date" not in output
    assert effects(var) == made
    assert record()["people"] == written["people"]
    assert record()["sandbox"] == written["sandbox"]
