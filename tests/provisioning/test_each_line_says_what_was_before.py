"""A line tells from what to what, so that nobody has to look for the one before it."""

import pytest

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Service, Setup
from provisioning.runs.actions import reopen_setup, resume_setup, start_setup
from provisioning.services import actions, checklists
from provisioning.wizard.actions import begin_setup, discard_setup
from tests.provisioning import kaleyra
from tests.support.lines import changes_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_states_of_a_set_up(actor: Actor, queued: Setup, sandbox: Control) -> None:
    assert changes_of("setup.started") == {"state": ["draft", "queued"]}
    sandbox.fault("bad_request", times=2)
    kaleyra.run(queued)
    assert changes_of("setup.failed") == {"state": ["running", "failed"]}
    assert changes_of("service.refused")["state"] == ["sending", "failed"]
    kaleyra.run(resume_setup(actor, queued))
    assert changes_of("setup.resumed") == {"state": ["failed", "queued"]}
    reopen_setup(actor, queued)
    assert changes_of("setup.reopened") == {"state": ["failed", "draft"]}
    kaleyra.run(start_setup(actor, queued))
    assert changes_of("setup.succeeded") == {"state": ["running", "succeeded"]}
    assert changes_of("service.created")["state"] == ["sending", "created"]


def test_a_draft_that_is_thrown_away(actor: Actor, tenant: Tenant) -> None:
    discard_setup(actor, begin_setup(actor, tenant, "kaleyra"))
    assert changes_of("setup.discarded") == {"state": ["draft", "discarded"]}


def test_what_a_service_is_known_to_hold(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    service = Service.objects.get(name="mGageSMS")
    actions.ask_check(actor, service)
    actions.check(service.pk)
    assert changes_of("service.checked") == {"result": [None, "good"]}
    Service.objects.update(state="differs")
    actions.mark_done_by_hand(actor, service)
    assert changes_of("service.by_hand") == {"state": ["differs", "created"]}


def test_a_tick_and_its_end(actor: Actor, tenant: Tenant) -> None:
    checklists.tick(actor, tenant, "key", "a label")
    assert changes_of("checklist.ticked") == {"done": [False, True]}
    checklists.untick(actor, tenant, "key", "a label")
    assert changes_of("checklist.unticked") == {"done": [True, False]}
