"""What `export_setup` writes has no secrets; applied with its variables set, it changes nothing."""

import re

import pytest

from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.actions import add_tenant, archive_tenant
from portal.tenants.models import Tenant
from provisioning.models import Setup
from tests.provisioning.apply.conftest import ALL_THREE, SECRETS, Apply, call, rows


def export(*arguments: str) -> str:
    """What the command writes."""
    exported = call(*arguments, command="export_setup")
    assert (exported.code, exported.err) == (0, "")
    return exported.out


def test_applied_it_changes_nothing(apply: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    apply(ALL_THREE)
    monkeypatch.setenv("ACME_KALEYRA_USERNAME", "acme")
    exported, before = export(), rows()
    again = apply(exported)
    assert (again.code, again.out, again.err) == (0, "Tenants: 3 unchanged.\n", "")
    assert rows() == before


def test_in_an_empty_portal_it_makes_the_same_again(
    apply: Apply, monkeypatch: pytest.MonkeyPatch, sandbox: Control
) -> None:
    apply(ALL_THREE)
    monkeypatch.setenv("ACME_KALEYRA_USERNAME", "acme")
    exported, first = export(), [line["body"] for line in sandbox.ledger()]
    for number, tenant in enumerate(Tenant.objects.all()):
        Tenant.objects.filter(pk=tenant.pk).update(ccid=f"00000000-0000-4000-8000-00000000000{number}")
    sandbox.reset()
    assert apply(exported).code == 0
    again = [line["body"] for line in sandbox.ledger()]
    assert sorted(map(str, again)) == sorted(map(str, first))


def test_it_holds_names_of_variables_and_no_secret(apply: Apply) -> None:
    apply(ALL_THREE)
    exported = export()
    assert not [name for name, value in SECRETS.items() if value in exported]
    assert set(re.findall(r"\$\{(\w+)\}", exported.split("tenants:")[1])) == {*SECRETS, "ACME_KALEYRA_USERNAME"}


def test_one_tenant_by_its_id(apply: Apply) -> None:
    apply(ALL_THREE)
    exported = export("--tenant", "0b0a1bd4-9d5e-4b44-a1de-5a7c7a2a9a11")
    assert ("name: Globex" in exported, "name: Acme" in exported) == (True, False)


def test_each_tenants_history_tells_of_it(apply: Apply) -> None:
    apply(ALL_THREE)
    export()
    export("--tenant", "0b0a1bd4-9d5e-4b44-a1de-5a7c7a2a9a11")
    chains = Event.objects.filter(verb="setup.exported").values_list("chain", flat=True)
    times = {tenant.name: list(chains).count(str(tenant.pk)) for tenant in Tenant.objects.all()}
    assert sorted(times.values()) == [1, 1, 2]
    assert times["Globex"] == 2


def test_archived_tenants_and_unknown_ids_are_left_out(tenant: Tenant) -> None:
    archive_tenant(command_line(), tenant)
    assert export().endswith("tenants: []\n")
    assert call("--tenant", str(tenant.ccid), command="export_setup").err.startswith("No tenant has")
    assert call("--tenant", "x", command="export_setup").err.startswith("--tenant takes")


@pytest.mark.parametrize("name", ["no", "1e5", 'Zoë\'s "Café": {a} # ${HOME} 😀', "- x", "123", "*", "a\\nb"])
def test_odd_names_come_back_as_they_were(apply: Apply, db: None, name: str) -> None:
    ccid = "45acae06-6b7c-4f97-9c76-471cb5c21bf7"
    add_tenant(command_line(), name=name, ccid=ccid, nexus_url="http://127.0.0.1:9")  # type: ignore[arg-type]  # a text will do
    again = apply(export())
    assert (again.code, again.out, again.err) == (0, "Tenants: 1 unchanged.\n", "")


def test_tenants_of_one_name_have_variables_of_their_own(db: None) -> None:
    for number in (1, 2):
        ccid = f"{number}5acae06-6b7c-4f97-9c76-471cb5c21bf7"
        add_tenant(command_line(), name="Acme", ccid=ccid, nexus_url="http://127.0.0.1:9", nexus_api_key="key")  # type: ignore[arg-type]  # the same
    exported = export()
    assert "${ACME_15ACAE06_NEXUS_API_KEY}" in exported
    assert "${ACME_25ACAE06_NEXUS_API_KEY}" in exported


def test_a_draft_is_not_exported_for_applying_it_would_start_it(empty_draft: Setup) -> None:
    assert "kaleyra" not in export()
