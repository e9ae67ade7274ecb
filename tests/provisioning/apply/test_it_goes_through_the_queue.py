import pytest

from portal.devtools.sandbox.control import Control
from provisioning.models import Setup
from tests.provisioning.apply.conftest import ALL_THREE, Apply
from tests.support.children import Restartable


@pytest.mark.django_db(transaction=True)
def test_a_live_worker_runs_it_and_each_step_has_a_line(apply: Apply, worker: Restartable, sandbox: Control) -> None:
    applied = apply(ALL_THREE, "--wait", "30")
    assert applied.code == 0, applied.err
    for step in ("Acme  mGageSMS", "Globex  Async", "Initech  PorticoSMS"):
        assert f"{step}: created, attempt 1" in applied.out
    assert len(sandbox.ledger()) == 7
    assert apply(ALL_THREE, "--wait", "0").code == 0


@pytest.mark.django_db(transaction=True)
def test_in_this_process_nothing_is_published(apply: Apply, wake_ups: list[str], sandbox: Control) -> None:
    sandbox.fault("unavailable")
    assert apply(ALL_THREE).code == 0
    assert wake_ups == []
    assert Setup.objects.filter(state="succeeded").count() == 3
