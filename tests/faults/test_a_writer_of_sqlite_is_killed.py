import json
import subprocess
import sys

import pytest
from django.db import connection

from portal.tenants.models import Tenant
from tests.support.files import PROJECT

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has its own test"),
]


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.slow_faults)])
def test_what_was_committed_stays_and_a_change_never_stands_without_its_line(
    kills: int, transactional_db: None, tenant: Tenant
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.writer", str(tenant.pk), str(kills), "a fixed seed"],
        stdout=subprocess.PIPE,
        check=True,
        cwd=PROJECT,
    )
    assert json.loads(done.stdout) == []
