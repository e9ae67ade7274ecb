"""`kill -9` at named points of an apply: the next one goes on, nothing is sent twice, and no history is torn."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from portal.audit.event_lookup import faults
from portal.audit.models import ChainHead
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup, SetupState
from tests.provisioning.apply.conftest import SECRETS, file_of
from tests.support.files import PROJECT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.databases, pytest.mark.sweep]
TENANTS = 70  # more than one portion
IN_DOUBT = re.compile(r"Tenant \d+: mGageSMS exists, not verified; it counts as done\.")


def written(folder: Path, sandbox: Control) -> Path:
    """A file of many tenants."""
    tenants = [
        f"""\
  - name: Tenant {number}
    ccid: {UUID(int=number + 1)}
    nexus_url: {sandbox.url}
    nexus_api_key: ${{ACME_NEXUS_API_KEY}}
    kaleyra: {{url: http://directtext.mgage.com, username: acme, password: "${{ACME_KALEYRA_PASSWORD}}"}}
    sender_ids: [{{number: "72345"}}]
"""
        for number in range(TENANTS)
    ]
    file = folder / "many.yaml"
    file.write_text(file_of(*tenants))
    return file


def run(file: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Apply the file in a process of its own, on the test database."""
    command = [sys.executable, "manage.py", "apply", str(file), "--inline"]
    # The lease of a killed process must end before its set-ups are taken up: 3 s in tests.
    environment = os.environ | SECRETS | env
    return subprocess.run(
        command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=90
    )


@pytest.mark.parametrize("point", ["apply.added", "apply.turned:4"])
def test_the_next_apply_goes_on(folder: Path, sandbox: Control, point: str) -> None:
    file = written(folder, sandbox)
    killed = run(file, CRASH_AT=point)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert 0 < Tenant.objects.count() < TENANTS
    again = run(file)
    assert again.returncode == 0, again.stderr
    assert Setup.objects.filter(state=SetupState.SUCCEEDED).count() == Tenant.objects.count() == TENANTS
    effects = Counter(tuple(line["path"].split("/")[-2:]) for line in sandbox.ledger(effects=True))
    assert (len(effects), set(effects.values())) == (2 * TENANTS, {1})
    chains = ChainHead.objects.values_list("chain", flat=True)
    assert [fault for chain in chains for fault in faults(chain)] == []
    *named, last = run(file).stdout.splitlines()
    assert last == f"Tenants: {TENANTS} unchanged."
    # Of what was on its way at the kill, a look cannot see whether the password is ours: that is named each time.
    assert [line for line in named if not IN_DOUBT.fullmatch(line)] == []
