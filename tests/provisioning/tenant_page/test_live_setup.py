"""What a tenant works with is told by the option that is active, not by what somebody began or Nexus refused."""

from collections.abc import Callable
from types import ModuleType

import pytest

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.hooks import sms_cells
from provisioning.models import Service, Setup
from provisioning.options.genesys_cloud.access import access_of_tenant
from provisioning.runs.actions import start_setup
from provisioning.runs.active_option import active_option
from provisioning.services import actions
from provisioning.tenant_page.message_path import stations
from provisioning.wizard.actions import begin_setup, save_step
from tests.provisioning import kaleyra
from tests.provisioning.genesys_cloud import cloud

pytestmark = pytest.mark.django_db(transaction=True)

Begun = Callable[[Actor, Tenant], Setup]


def changed_to(actor: Actor, tenant: Tenant, option: str, answers: ModuleType) -> Setup:
    draft = begin_setup(actor, tenant, option, switch=True)
    for key, values in answers.answers(tenant).items():
        draft = save_step(actor, draft, key, values, draft.version)
    return kaleyra.run(start_setup(actor, draft))


@pytest.mark.usefixtures("wake_ups")
def test_a_refused_change_leaves_the_client_of_genesys_cloud(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control
) -> None:
    kaleyra.run(cloud.queued(actor, tenant_at_sandbox))
    before = access_of_tenant(tenant_at_sandbox)
    assert before is not None
    assert changed_to(actor, tenant_at_sandbox, "kaleyra", kaleyra).state == "differs"
    assert (active_option(tenant_at_sandbox), access_of_tenant(tenant_at_sandbox)) == ("genesys_cloud", before)


def test_a_refused_change_to_genesys_cloud_gives_no_client(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    assert changed_to(actor, queued.tenant, "genesys_cloud", cloud).state == "differs"
    assert (active_option(queued.tenant), access_of_tenant(queued.tenant)) == ("kaleyra", None)


def test_a_change_that_nexus_takes_gives_the_client(actor: Actor, queued: Setup, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    kaleyra.run(queued)
    assert changed_to(actor, queued.tenant, "genesys_cloud", cloud).state == "succeeded"
    assert access_of_tenant(queued.tenant) is not None


def test_a_draft_says_nothing_of_a_live_tenant(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    tenant = queued.tenant
    before, cell = stations(tenant, may_run=True), sms_cells([tenant.pk])
    begin_setup(actor, tenant, "kaleyra")
    begin_setup(actor, tenant, "custom_gateway", switch=True)
    assert stations(tenant, may_run=True) == before
    assert sms_cells([tenant.pk]) == cell


def test_done_by_hand_turns_the_carrier_good(actor: Actor, queued: Setup) -> None:
    kaleyra.run(queued)
    draft = begin_setup(actor, queued.tenant, "kaleyra")
    account = kaleyra.ACCOUNT | {"kaleyraURL": "http://new.example"}
    kaleyra.run(start_setup(actor, save_step(actor, draft, "account", account, draft.version)))
    assert stations(queued.tenant, may_run=True)[1].tone == "warning"
    actions.mark_done_by_hand(actor, Service.objects.get(name="mGageSMS"))
    assert stations(queued.tenant, may_run=True)[1].tone == "good"
