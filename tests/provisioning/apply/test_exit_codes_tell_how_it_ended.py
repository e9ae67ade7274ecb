import pytest

from portal.devtools.sandbox.control import Control
from provisioning.models import Service, Setup
from tests.provisioning.apply.conftest import ACME, ALL_THREE, Apply, call, file_of


def test_a_failed_set_up_is_1_and_says_why(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    applied = apply(ALL_THREE)
    assert applied.code == 1
    assert "Acme: the set-up failed. mGageSMS:" in applied.err
    assert "3 added, 1 failed" in applied.out


def test_a_failed_set_up_goes_on_where_it_stopped(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    apply(file_of(ACME))
    again = apply(file_of(ACME))
    assert again.code == 0
    assert [line["path"].rpartition("/")[2] for line in sandbox.ledger()] == ["SMS", "mGageSMS", "mGageSMS"]


def test_a_failed_set_up_goes_on_with_mended_values(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "mGageSMS"})
    apply(file_of(ACME))
    again = apply(file_of(ACME.replace("directtext.mgage.com", "other.example")))
    assert again.code == 0, again.err
    assert [line["path"].rpartition("/")[2] for line in sandbox.ledger()] == ["SMS", "mGageSMS", "mGageSMS"]
    assert sandbox.ledger()[-1]["body"]["url"] == "http://other.example"


def test_what_is_tried_again_and_succeeds_is_0(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("unavailable", match={"path_contains": "mGageSMS"})
    applied = apply(file_of(ACME))
    assert applied.code == 0, applied.err
    assert "Acme  mGageSMS: created, attempt 2" in applied.out


def test_a_service_that_exists_is_named_and_counts_as_done(apply: Apply, sandbox: Control) -> None:
    apply(file_of(ACME))
    Service.objects.all().delete()
    Setup.objects.update(state="discarded")
    again = apply(file_of(ACME))
    assert again.code == 0, again.err
    for service in ("SMS", "mGageSMS"):
        assert f"Acme: {service} exists, not verified; it counts as done." in again.out
    requests = len(sandbox.ledger())
    third = apply(file_of(ACME))
    assert (third.code, len(sandbox.ledger())) == (0, requests)
    assert "Acme: SMS exists, not verified" in third.out


def test_a_wait_that_ends_first_is_3_and_the_next_apply_goes_on(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("unavailable", times=2, match={"path_contains": "mGageSMS"})
    applied = apply(file_of(ACME), "--inline", "--wait", "0.1")
    assert applied.code == 3
    assert "Acme: the set-up has not ended yet." in applied.err
    assert apply(file_of(ACME)).code == 0


def test_without_a_wait_the_queue_has_it_and_it_is_3(
    apply: Apply, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.core.tasks.publish._relay_put", lambda _: None)
    applied = apply(file_of(ACME), "--wait", "0")
    assert (applied.code, sandbox.ledger()) == (3, [])
    assert Setup.objects.get().state == "queued"


def test_a_refused_file_is_2(apply: Apply) -> None:
    assert apply("tenants: 1").code == 2


def test_a_file_that_is_not_there_is_2(db: None) -> None:
    applied = call("/nowhere/setups.yaml")
    assert (applied.code, applied.err) == (2, "/nowhere/setups.yaml: No such file or directory.")
