"""A role that is taken away between the click and the work stops the work, and the history says so."""

from collections.abc import Callable

import pytest

from portal.accounts.models import Membership
from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Service
from provisioning.options.custom_gateway.webhook_test import ask_rehearsal, rehearse
from provisioning.runs import engine
from provisioning.services import actions
from tests.provisioning import kaleyra
from tests.provisioning.custom_gateway import gateway

pytestmark = pytest.mark.django_db(transaction=True)

Work = Callable[[], None]


def set_up(actor: Actor, tenant: Tenant, sandbox: Control) -> Work:
    queued = kaleyra.queued(actor, tenant)
    return lambda: engine.run(queued.pk)


def rehearsal(actor: Actor, tenant: Tenant, sandbox: Control) -> Work:
    asked = ask_rehearsal(actor, gateway.draft_at(actor, tenant, sandbox, "good"))
    return lambda: rehearse(asked.pk)


def check(actor: Actor, tenant: Tenant, sandbox: Control) -> Work:
    kaleyra.run(kaleyra.queued(actor, tenant))
    service = Service.objects.get(name="mGageSMS")
    actions.ask_check(actor, service)
    return lambda: actions.check(service.pk)


@pytest.mark.parametrize("asked", [set_up, rehearsal, check])
def test_a_role_taken_away_stops_the_work_and_the_history_says_so(
    actor: Actor,
    tenant_at_sandbox: Tenant,
    sandbox: Control,
    wake_ups: list[str],
    asked: Callable[[Actor, Tenant, Control], Work],
) -> None:
    work = asked(actor, tenant_at_sandbox, sandbox)
    sent = len(sandbox.ledger())
    Membership.objects.all().delete()
    work()
    assert len(sandbox.ledger()) == sent
    refusal = Event.objects.get(verb="work.refused")
    assert b"The person who asked for it may no longer set up its SMS" in bytes(refusal.canonical)
    assert (refusal.actor_kind, refusal.chain) == ("worker", str(tenant_at_sandbox.pk))
    work()  # a message that comes twice finds nothing to do
    assert Event.objects.filter(verb="work.refused").count() == 1


def test_a_check_is_asked_by_a_person_and_read_by_a_worker(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]
) -> None:
    check(actor, tenant_at_sandbox, sandbox)()
    asked, made, read = Event.objects.order_by("-id")[:3][::-1]
    assert (asked.verb, asked.actor_kind) == ("service.check_asked", "person")
    assert (made.verb, made.actor_kind) == ("call.made", "system")
    assert (read.verb, read.actor_kind) == ("service.checked", "worker")
