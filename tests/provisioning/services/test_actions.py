"""Sending one service again, beside whatever others are about to change."""

import pytest
from django.core.exceptions import ValidationError

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from provisioning.models import Service, Setup
from provisioning.runs.actions import reopen_setup, start_setup
from provisioning.services.actions import replace_service
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra

pytestmark = pytest.mark.django_db(transaction=True)


def half_done(actor: Actor, setup: Setup, host: str = "directtext.mgage.com") -> Setup:
    """A colleague's draft with another address."""
    draft = begin_setup(actor, setup.tenant, "kaleyra")
    account = kaleyra.ACCOUNT | {"kaleyraURL": f"http://{host}/half-done"}
    return save_step(actor, draft, "account", account, draft.version)


@pytest.mark.databases
@pytest.mark.parametrize("fault", ["", "bad_request"])
def test_a_colleagues_draft_is_not_sent(actor: Actor, queued: Setup, sandbox: Control, fault: str) -> None:
    sandbox.settings(replace="accept")
    kaleyra.run(queued)
    draft = half_done(actor, queued)
    if fault:
        sandbox.fault(fault)
    sent = kaleyra.run(replace_service(actor, Service.objects.get(name="mGageSMS")))
    draft.refresh_from_db()
    assert (sent.pk != draft.pk, draft.state, draft.steps.count()) == (True, "draft", 0)
    assert [step.service for step in sent.steps.all()] == ["mGageSMS"]
    assert sent.state == ("failed" if fault else "succeeded")
    assert sandbox.ledger()[-1]["body"]["url"] == kaleyra.KALEYRA_URL
    assert begin_setup(actor, queued.tenant, "kaleyra").pk == draft.pk


@pytest.mark.parametrize("host", ["directtext.mgage.com", "new.example"])
def test_while_a_set_up_runs_the_click_is_answered_in_words(actor: Actor, queued: Setup, host: str) -> None:
    kaleyra.run(queued)
    start_setup(actor, half_done(actor, queued, host))
    setups = Setup.objects.count()
    with pytest.raises(ValidationError, match="Another set-up of this tenant is running"):
        replace_service(actor, Service.objects.get(name="SMS"))
    assert Setup.objects.count() == setups


def test_answers_that_are_being_changed_are_not_sent(actor: Actor, queued: Setup, sandbox: Control) -> None:
    sandbox.fault("bad_request", match={"path_contains": "mGageSMS"})
    reopen_setup(actor, kaleyra.run(queued))
    with pytest.raises(ValidationError, match="Finish that one first"):
        replace_service(actor, Service.objects.get(name="SMS"))
