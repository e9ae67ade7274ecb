import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from senders.models import SenderId
from tests.tollfree.orders.buying import NUMBER, fresh, go_now
from tollfree.orders import comments
from tollfree.orders.approval_rules import set_policy
from tollfree.orders.models import NumberOrder, Release
from tollfree.orders.releases import actions
from tollfree.orders.worker import dispatch


@pytest.fixture
def ours(queued: NumberOrder) -> NumberOrder:
    """A completed order, the draft of its sender ID removed by hand."""
    done = go_now(go_now(queued))
    SenderId.objects.all().delete()
    return done


def ask(actor: Actor, tenant: Tenant, typed: str = NUMBER) -> Release:
    return actions.ask_release(actor, tenant, NUMBER, typed=typed, reason="The hotline is closed.")


def later(release: Release) -> Release:
    """Its time has come."""
    Release.objects.filter(pk=release.pk, due_at__isnull=False).update(due_at=timezone.now())
    dispatch.go_release(release.pk)
    release.refresh_from_db()
    return release


def deletes(sandbox: Control) -> int:
    return sum(line["method"] == "DELETE" for line in sandbox.ledger())


def test_after_the_waiting_time_it_is_sent_once(
    buyer: Actor, tenant: Tenant, ours: NumberOrder, sandbox: Control
) -> None:
    release = ask(buyer, tenant)
    dispatch.go_release(release.pk)
    assert deletes(sandbox) == 0  # a day to take it back
    assert later(release).state == "released"
    assert later(release).state == "released"
    assert (deletes(sandbox), sandbox.genesys_cloud.numbers()) == (1, [])
    assert fresh(ours).state == "released"


def test_within_it_it_is_taken_back(buyer: Actor, tenant: Tenant, ours: NumberOrder, sandbox: Control) -> None:
    release = ask(buyer, tenant)
    assert actions.take_back_release(buyer, release).state == "taken_back"
    assert later(release).state == "taken_back"
    assert deletes(sandbox) == 0
    ask(buyer, tenant)  # and can be asked again
    with pytest.raises(ValidationError, match="going on already"):
        ask(buyer, tenant)


def test_the_number_is_typed_once_more(buyer: Actor, tenant: Tenant, ours: NumberOrder) -> None:
    for typed in ("", "18445551213", "yes"):
        with pytest.raises(ValidationError, match="once more"):
            ask(buyer, tenant, typed)


def test_a_number_in_use_is_kept(buyer: Actor, tenant: Tenant, ours: NumberOrder, sandbox: Control) -> None:
    release = ask(buyer, tenant)
    sender = SenderId.objects.create(tenant=tenant, number=NUMBER.removeprefix("1"), provider="Portico")
    refused = later(release)
    assert refused.state == "refused"
    assert "A sender ID of this tenant uses" in refused.sentence
    with pytest.raises(ValidationError, match="sender ID"):
        ask(buyer, tenant)
    sender.delete()
    assert deletes(sandbox) == 0


def test_the_policy_can_demand_a_second_person(buyer: Actor, second: Actor, tenant: Tenant, ours: NumberOrder) -> None:
    set_policy(command_line(), tenant, approve_from=5, approve_releases=True, monthly_cap=None)
    release = ask(buyer, tenant)
    assert later(release).state == "awaiting_approval"
    with pytest.raises(PermissionDenied):
        actions.approve_release(buyer, release)
    actions.approve_release(second, release)
    assert later(release).state == "released"


@pytest.mark.parametrize(("fault", "end"), [("reply_lost", "released"), ("reply_lost_before_effect", "refused")])
def test_a_lost_answer_is_settled_by_the_list(
    *, buyer: Actor, tenant: Tenant, ours: NumberOrder, sandbox: Control, fault: str, end: str
) -> None:
    release = ask(buyer, tenant)
    sandbox.fault(fault, match={"method": "DELETE"})
    assert later(release).state == "unknown"
    later(release)
    assert later(release).state == end
    assert deletes(sandbox) == 1
    assert fresh(ours).state == ("released" if end == "released" else "completed")


def test_a_comment_is_changed_there_and_here(buyer: Actor, ours: NumberOrder, sandbox: Control) -> None:
    changed = comments.change_comment(buyer, ours, comment="Sales")
    assert (changed.comment, sandbox.genesys_cloud.numbers()[0]["comment"]) == ("Sales", "Sales")
    sandbox.fault("unavailable", match={"method": "PATCH"})
    with pytest.raises(ValidationError, match="keeps the old comment"):
        comments.change_comment(buyer, changed, comment="Other")
    assert fresh(ours).comment == "Sales"
