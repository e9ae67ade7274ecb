"""Between the click and the run, and between two sends, the world may change."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from portal.accounts.models import Membership, User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning import nexus
from provisioning.models import Setup
from provisioning.runs.actions import start_setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import last_event, run_when_due, verbs


def stopped(setup: Setup, sandbox: Control, sentence: str) -> None:
    """Check that it failed in these words, on the page and in the history, and sent nothing more."""
    sent = len(sandbox.ledger())
    assert run_when_due(setup).state == "failed"
    assert sentence in setup.sentence
    assert len(sandbox.ledger()) == sent
    assert verbs(setup.tenant)[-1] == "setup.failed"
    assert sentence in last_event(setup.tenant)


def test_rights_taken_away(queued: Setup, sandbox: Control) -> None:
    Membership.objects.all().delete()
    stopped(queued, sandbox, "The person who asked for it may no longer set up its SMS")


def test_a_person_who_was_locked_out(queued: Setup, sandbox: Control) -> None:
    User.objects.update(is_active=False)
    stopped(queued, sandbox, "The person who asked for it may no longer set up its SMS")


def test_a_tenant_archived_before_the_run(queued: Setup, sandbox: Control) -> None:
    Tenant.objects.update(archived_at=timezone.now())
    stopped(queued, sandbox, "Acme was archived")


def test_a_tenant_archived_between_two_attempts(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("unavailable")
    kaleyra.run(queued)
    Tenant.objects.update(archived_at=timezone.now())
    stopped(queued, sandbox, "Acme was archived")


@pytest.mark.parametrize("kind", [Kind.NEXUS_API_KEY, Kind.KALEYRA_PASSWORD])
def test_a_credential_that_is_missing(queued: Setup, sandbox: Control, kind: Kind) -> None:
    Credential.objects.filter(kind=kind).delete()
    stopped(queued, sandbox, f"{kind.label} of this tenant is not stored yet. Enter it, then resume.")


def test_a_credential_that_was_tampered_with(queued: Setup, sandbox: Control) -> None:
    Credential.objects.filter(kind=Kind.KALEYRA_PASSWORD).update(ciphertext=b"\x01" * 40)
    stopped(queued, sandbox, "does not open with the vault's keys")


def test_a_credential_of_another_row(queued: Setup, sandbox: Control) -> None:
    key = Credential.objects.get(kind=Kind.NEXUS_API_KEY)
    Credential.objects.filter(kind=Kind.KALEYRA_PASSWORD).update(ciphertext=key.ciphertext)
    stopped(queued, sandbox, "does not open with the vault's keys")


def test_what_a_dead_worker_left_is_closed(queued: Setup, sandbox: Control) -> None:
    queued.steps.filter(service="SMS").update(state="sending", attempts=1, tries=1)
    Tenant.objects.update(archived_at=timezone.now())
    stopped(queued, sandbox, "Acme was archived")
    step = kaleyra.step_of(queued, "SMS")
    assert (step.state, step.outcome_unknown) == ("failed", True)


def test_run_without_credentials_is_refused_at_the_click(draft: Setup, actor: Actor) -> None:
    Credential.objects.filter(kind=Kind.KALEYRA_PASSWORD).delete()
    with pytest.raises(ValidationError, match="Not stored yet: Kaleyra password"):
        start_setup(actor, draft)


def test_answers_that_are_refused_by_now(queued: Setup, sandbox: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise ValidationError("This header is reserved by now.")

    monkeypatch.setattr(nexus, "create_service", refuse)
    stopped(queued, sandbox, "This header is reserved by now.")
