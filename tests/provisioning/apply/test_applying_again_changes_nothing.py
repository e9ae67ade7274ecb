import pytest

from portal.audit.event_lookup import faults
from portal.audit.models import ChainHead, Event
from portal.devtools.sandbox.control import Control
from portal.vault.models import Credential
from tests.provisioning.apply.conftest import ALL_THREE, Apply, rows


def state() -> list[object]:
    """Everything that a change would move."""
    events = list(Event.objects.order_by("pk").values_list("pk", "hash"))
    return [rows(), events, list(Credential.objects.order_by("pk").values_list("pk", "ciphertext", "last_used_at"))]


@pytest.mark.databases
def test_the_second_time_sends_and_changes_nothing(apply: Apply, sandbox: Control) -> None:
    apply(ALL_THREE)
    before, requests = state(), len(sandbox.ledger())
    again = apply(ALL_THREE)
    assert (again.code, again.out) == (0, "Tenants: 3 unchanged.\n")
    assert len(sandbox.ledger()) == requests
    assert state() == before


def test_the_order_of_the_file_does_not_matter(apply: Apply, sandbox: Control) -> None:
    apply(ALL_THREE)
    requests = len(sandbox.ledger())
    head, *tenants = ALL_THREE.split("  - name:")
    again = apply(head + "".join(f"  - name:{each}" for each in reversed(tenants)))
    assert (again.out, len(sandbox.ledger())) == ("Tenants: 3 unchanged.\n", requests)


@pytest.mark.databases
def test_all_chains_of_the_history_are_whole(apply: Apply) -> None:
    apply(ALL_THREE)
    apply(ALL_THREE.replace("name: Acme", "name: Acme Inc").replace("SMS_Main_Corporate", "SMS_Other"))
    heads = list(ChainHead.objects.values_list("chain", flat=True))
    assert len(heads) == 3
    assert [fault for chain in heads for fault in faults(chain)] == []
