"""A file whose services were accepted and not verified is done, and applying it again looks and sends nothing."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError

from portal.audit.actors import Actor, ActorKind, command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.actions import add_tenant
from portal.tenants.models import Tenant
from provisioning.bulk import dry_run, importer, planner
from provisioning.bulk.entries import Entry
from provisioning.bulk.planner import Plan
from provisioning.models import Service
from provisioning.services import actions
from provisioning.wizard.actions import begin_setup
from tests.provisioning.apply.conftest import ACME, ALL_THREE, GLOBEX, Apply, file_of

CCID = re.compile(r"ccid: ([0-9a-f-]+)")
ACCOUNT = {"path_contains": "mGageSMS", "method": "POST"}


@pytest.mark.parametrize("fault", ["empty_201", "no_content", "accepted_202", "empty_object", "html_200", "text_ok"])
def test_an_answer_that_says_nothing_is_0_and_named(apply: Apply, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match=ACCOUNT, after_effect=False)
    applied = apply(ALL_THREE)
    assert applied.code == 0, applied.err
    assert "Acme  mGageSMS: accepted, not verified, attempt 1" in applied.out
    assert "Acme: mGageSMS was accepted, not verified; it counts as done." in applied.out


def test_a_look_that_proves_it_is_an_ordinary_success(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT)
    applied = apply(file_of(ACME))
    assert (applied.code, "not verified" in applied.out.splitlines()[-1]) == (0, False)
    assert Service.objects.get(name="mGageSMS").state == "created"


def test_applying_again_looks_and_sends_nothing(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT)
    sandbox.fault("server_error", match={"method": "GET"}, times=2)
    apply(file_of(ACME))
    before = len(sandbox.ledger())
    second = apply(file_of(ACME))
    assert second.code == 0
    assert "Acme: mGageSMS was accepted, not verified" in second.out
    third = apply(file_of(ACME))
    assert (third.code, third.out) == (0, "Tenants: 1 unchanged.\n")
    assert Service.objects.get(name="mGageSMS").state == "created"
    assert [line["method"] for line in sandbox.ledger()[before:]] == ["GET", "GET"]


def test_a_dry_run_says_that_it_would_look(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT, after_effect=False)
    apply(file_of(ACME))
    before = len(sandbox.ledger())
    assert "# mGageSMS was accepted, not verified: it would be read back." in apply(file_of(ACME), "--dry-run").out
    assert len(sandbox.ledger()) == before


def test_other_values_in_nexus_are_1_and_not_called_a_failure(apply: Apply, sandbox: Control) -> None:
    apply(file_of(ACME))
    changed = file_of(ACME.replace("directtext.mgage.com", "other.example"))
    applied = apply(changed, "--inline", "--replace")
    assert applied.code == 1
    assert "Acme: the set-up ended, but Nexus has other values." in applied.err
    assert "the set-up failed" not in applied.err


def test_an_accepted_value_that_changes_in_the_file_differs(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("empty_201", match=ACCOUNT, after_effect=False)
    apply(file_of(ACME))
    applied = apply(file_of(ACME.replace("directtext.mgage.com", "other.example")))
    assert applied.code == 1
    assert "kaleyra.url, line 6: differs. mGageSMS was sent with another value" in applied.err


def test_a_draft_that_the_file_fills_in_and_runs_is_named(apply: Apply, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    apply(file_of(ACME))
    tenant = Tenant.objects.get(name="Acme")
    begin_setup(Actor(ActorKind.COMMAND_LINE, "colleague", None), tenant, "kaleyra")
    changed = file_of(ACME.replace("directtext.mgage.com", "other.example"))
    dry = apply(changed, "--dry-run", "--replace")
    assert "# The draft that colleague changed last would be filled in and run." in dry.out
    assert "Acme: runs the draft that colleague changed last." in apply(changed, "--inline", "--replace").out
    assert Service.objects.get(name="mGageSMS").sent["body"]["url"].endswith("other.example")


@pytest.fixture
def first_stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    real = planner.plan

    def stumble_over_acme(entry: Entry, *given: Any, **named: Any) -> Plan:
        if entry.name == "Acme":
            raise ZeroDivisionError
        return real(entry, *given, **named)

    monkeypatch.setattr(importer, "plan", stumble_over_acme)
    monkeypatch.setattr(dry_run, "plan", stumble_over_acme)


def test_a_tenant_that_is_there_and_stumbles_is_named_and_the_others_are_changed(
    apply: Apply, sandbox: Control, first_stumbles: None
) -> None:
    for name, ccid in zip(("Acme", "Globex"), CCID.findall(ACME + GLOBEX), strict=True):
        add_tenant(command_line(), name=name, ccid=UUID(ccid), nexus_url=sandbox.url)
    applied = apply(file_of(ACME, GLOBEX))
    assert applied.code == 1
    assert "tenants[0], line 2: stumbled, and nothing of it was changed." in applied.err
    assert set(Service.objects.values_list("tenant__name", flat=True)) == {"Globex"}
    assert "1 stumbled, 1 changed" in applied.out


def test_a_new_tenant_that_stumbles_is_named_and_the_others_are_added(
    apply: Apply, first_stumbles: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(importer, "add_tenants", fail)
    applied = apply(ALL_THREE)
    assert applied.code == 1
    assert "1 stumbled, 2 added" in applied.out
    assert set(Service.objects.values_list("tenant__name", flat=True)) == {"Globex", "Initech"}


def test_a_dry_run_names_a_tenant_that_stumbles_and_shows_the_others(apply: Apply, first_stumbles: None) -> None:
    applied = apply(file_of(ACME, GLOBEX), "--dry-run")
    assert applied.code == 1
    assert "stumbled" in applied.err
    assert "Globex: the tenant" in applied.out


def test_a_service_that_cannot_be_read_back_leaves_the_others_their_turn(
    apply: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(ALL_THREE)
    Service.objects.update(state="accepted")
    checked: list[UUID] = []
    real = actions.check

    def fail_first(pk: UUID) -> None:
        checked.append(pk)
        if len(checked) == 1:
            raise ZeroDivisionError
        real(pk)

    monkeypatch.setattr(importer, "check", fail_first)
    apply(ALL_THREE)
    assert len(checked) > 1
    assert set(checked) == set(Service.objects.values_list("pk", flat=True))
