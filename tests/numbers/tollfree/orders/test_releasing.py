from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.tokens import forget_token, was_refused
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DELETE as REMOVE
from portal.notifications.models import OutboxMessage
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from senders.models import SenderId
from tests.support.sweeping import sweep_orders
from tests.tollfree.orders.buying import NUMBER, fresh, go_now
from tollfree.inventory.models import OwnedNumber
from tollfree.orders.models import NumberOrder, OrderPolicy, Release
from tollfree.orders.releases import worker
from tollfree.orders.releases.actions import ask_release
from tollfree.orders.releases.review import decide_given_back, decide_kept, look_again
from tollfree.orders.releases.worker import MOST_FAILED_LOOKS
from tollfree.orders.worker import dispatch

DELETE = {"method": "DELETE"}
LIST = {"method": "GET", "path_contains": "tollfreenumbers"}


@pytest.fixture
def ours(queued: NumberOrder) -> NumberOrder:
    """A completed order, the draft of its sender ID removed by hand."""
    done = go_now(go_now(queued))
    SenderId.objects.all().delete()
    return done


@pytest.fixture
def release(buyer: Actor, tenant: Tenant, ours: NumberOrder) -> Release:
    """A release whose waiting time runs."""
    return ask_release(buyer, tenant, NUMBER, typed=NUMBER, reason="The hotline is closed.")


def later(release: Release) -> Release:
    """Its time has come."""
    Release.objects.filter(pk=release.pk, due_at__isnull=False).update(due_at=timezone.now())
    dispatch.go_release(release.pk)
    release.refresh_from_db()
    return release


def deletes(sandbox: Control) -> int:
    return sum(line["method"] == "DELETE" for line in sandbox.ledger())


def is_released_here() -> bool:
    return OwnedNumber.objects.get(number=NUMBER).released_at is not None


def to_review(release: Release, sandbox: Control) -> Release:
    """Another client has the number by now."""
    other = sandbox.genesys_cloud.create_client()
    sandbox.genesys_cloud.put_number(NUMBER, client_id=other["client_id"])
    return later(release)


ODD_SUCCESSES = (
    "html_200",
    "json_null",
    "json_array",
    "json_string",
    "truncated_json",
    "text_ok",
    "empty_object",
    "accepted_202",
    "empty_201",
    "no_content",
    "partial_206",
    "error_in_200",
)


@pytest.mark.parametrize("fault", ODD_SUCCESSES)
def test_no_answer_alone_proves_that_a_number_was_given_back(release: Release, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match=DELETE, after_effect=False)
    assert later(release).state == "unknown"
    assert "not known yet" in release.sentence
    assert not is_released_here()
    later(release)
    assert later(release).state == "refused"
    assert "still lists the number" in release.sentence
    assert (deletes(sandbox), is_released_here()) == (1, False)


# A 204 that was carried out is the honest answer, and nothing of it can be cut.
@pytest.mark.parametrize("fault", sorted(set(ODD_SUCCESSES) - {"no_content", "truncated_json"}))
def test_what_was_given_back_with_an_odd_answer_is_seen_in_the_list(
    release: Release, ours: NumberOrder, sandbox: Control, fault: str
) -> None:
    sandbox.fault(fault, match=DELETE, after_effect=True)
    assert later(release).state == "unknown"
    assert later(release).state == "released"
    assert (deletes(sandbox), fresh(ours).state, is_released_here()) == (1, "released", True)


def test_a_release_that_went_well_was_looked_at_before_and_after(release: Release, sandbox: Control) -> None:
    assert later(release).state == "released"
    assert release.listed_at is not None
    assert [line["method"] for line in sandbox.ledger()][-3:] == ["GET", "DELETE", "GET"]


def test_a_token_that_may_not_release_is_remembered_as_refused(
    release: Release, ordering: Access, sandbox: Control
) -> None:
    sandbox.genesys_cloud.revoke(REMOVE)
    assert later(release).state == "refused"
    assert (deletes(sandbox), was_refused(ordering)) == (1, True)


def test_a_list_that_cannot_be_read_after_the_delete_is_read_later(release: Release, sandbox: Control) -> None:
    sandbox.fault("unavailable", match=LIST, skip=1)
    assert later(release).state == "unknown"
    assert later(release).state == "released"
    assert deletes(sandbox) == 1


@pytest.mark.parametrize("fault", ["forbidden_html", "unauthorized_html", "redirect_302", "bad_request_html"])
def test_a_no_of_a_proxy_proves_nothing_either(release: Release, sandbox: Control, fault: str) -> None:
    sandbox.fault(fault, match=DELETE, after_effect=True)
    assert later(release).state == "unknown"
    assert later(release).state == "released"


def test_a_documented_no_keeps_the_number(release: Release, sandbox: Control) -> None:
    sandbox.fault("forbidden", match=DELETE)
    assert later(release).state == "refused"
    assert not is_released_here()


def test_what_the_list_lacks_before_is_no_number_to_give_back(
    release: Release, ours: NumberOrder, sandbox: Control
) -> None:
    assert to_review(release, sandbox).state == "under_review"
    assert "nothing was sent" in release.sentence
    assert (deletes(sandbox), fresh(ours).state, is_released_here()) == (0, "completed", False)
    assert OutboxMessage.objects.filter(kind="release_review").exists()
    later(release)
    assert release.state == "under_review"  # nothing happens by itself any more


@pytest.mark.parametrize("gone", [True, False])
def test_looks_that_fail_are_counted_and_end_at_a_person(
    *, release: Release, tenant: Tenant, access: Access, sandbox: Control, gone: bool
) -> None:
    sandbox.fault("reply_lost" if gone else "reply_lost_before_effect", match=DELETE)
    later(release)
    secret = Credential.objects.get(tenant=tenant, kind=Kind.CLIENT_SECRET)
    secret.delete()
    forget_token(access)
    later(release)
    assert (release.state, release.failed_looks) == ("unknown", 1)
    assert "client secret of this tenant is not stored" in release.sentence
    before = Event.objects.count()
    for _ in range(worker.MOST_FAILED_LOOKS):
        later(release)
    assert (release.state, release.due_at) == ("under_review", None)
    assert "client secret of this tenant is not stored" in release.sentence
    assert Event.objects.count() == before + 1
    assert sweep_orders() == 0


def test_the_time_between_looks_that_fail_grows(release: Release, sandbox: Control) -> None:
    sandbox.fault("reply_lost", match=DELETE)
    later(release)
    sandbox.fault("unavailable", match=LIST, times=3)
    waits = []
    for _ in range(3):
        later(release)
        assert release.due_at is not None
        waits.append((release.due_at - timezone.now()).total_seconds())
    assert waits == sorted(waits)
    assert waits[2] > 3 * waits[0]


def test_a_wrong_secret_is_called_so(release: Release, tenant: Tenant, access: Access) -> None:
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "wrong-secret", binding=access.binding)
    forget_token(access)
    assert later(release).state == "refused"
    assert "not this client secret" in release.sentence


def test_a_wrong_secret_is_called_so_where_the_outcome_is_unknown(
    release: Release, tenant: Tenant, access: Access, sandbox: Control
) -> None:
    sandbox.fault("reply_lost", match=DELETE)
    later(release)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "wrong-secret", binding=access.binding)
    forget_token(access)
    assert later(release).state == "unknown"
    assert "not this client secret" in release.sentence


def test_a_person_decides_that_it_was_given_back(
    buyer: Actor, release: Release, ours: NumberOrder, sandbox: Control
) -> None:
    to_review(release, sandbox)
    with pytest.raises(ValidationError, match="how you know"):
        decide_given_back(buyer, release, reason=" ")
    decided = decide_given_back(buyer, release, reason="A colleague did it in Genesys Cloud.")
    assert (decided.state, fresh(ours).state, is_released_here()) == ("released", "released", True)
    with pytest.raises(ValidationError, match="does not wait for a decision"):
        decide_kept(buyer, release, reason="Another tab.")


def test_a_person_decides_that_it_is_kept(
    buyer: Actor, tenant: Tenant, release: Release, ours: NumberOrder, sandbox: Control
) -> None:
    to_review(release, sandbox)
    decided = decide_kept(buyer, release, reason="Another team has it now.")
    assert (decided.state, decided.sentence) == ("refused", "Another team has it now.")
    assert (fresh(ours).state, is_released_here()) == ("completed", False)
    assert ask_release(buyer, tenant, NUMBER, typed=NUMBER, reason="Again.").state == "waiting"


def test_an_auditor_does_not_decide(auditor: User, release: Release, sandbox: Control) -> None:
    to_review(release, sandbox)
    for decide in (decide_given_back, decide_kept):
        with pytest.raises(PermissionDenied):
            decide(person(auditor), release, reason="I think so.")


def test_the_page_asks_for_the_decision_in_two_forms(
    client_of: Callable[[User], Client], representative: User, release: Release, sandbox: Control
) -> None:
    to_review(release, sandbox)
    client, page = client_of(representative), reverse("release", args=[release.pk])
    shown = client.get(page).content.decode()
    assert shown.count('name="reason"') == 2
    assert shown.count("How do you know?") == 2
    empty = client.post(reverse("release_kept", args=[release.pk]), {"reason": ""})
    assert "Say how you know" in empty.content.decode()
    client.post(reverse("release_kept", args=[release.pk]), {"reason": "I saw it there."})
    release.refresh_from_db()
    assert release.state == "refused"
    assert "How do you know?" not in client.get(page).content.decode()
    assert release.number not in client.get("/notices/").content.decode()


def looked_for(buyer: Actor, release: Release) -> Release:
    """A person asks for a look, and a worker makes it."""
    look_again(buyer, release)
    dispatch.go_release(release.pk)
    release.refresh_from_db()
    return release


def without_a_list(release: Release, sandbox: Control) -> Release:
    """It was sent, the answer was lost, and the list could not be read for so long that a person must decide."""
    sandbox.fault("reply_lost_before_effect", match=DELETE)
    later(release)
    sandbox.fault("server_error", match=LIST, times=5 * MOST_FAILED_LOOKS)
    for _ in range(MOST_FAILED_LOOKS):
        later(release)
    sandbox.clear()
    assert release.state == "under_review"
    return release


def test_a_look_that_is_asked_for_sees_that_it_was_given_back(
    buyer: Actor, release: Release, ours: NumberOrder, sandbox: Control
) -> None:
    without_a_list(release, sandbox)
    sandbox.genesys_cloud.put_number(NUMBER, client_id=sandbox.genesys_cloud.create_client()["client_id"])
    assert looked_for(buyer, release).state == "released"
    assert (fresh(ours).state, is_released_here()) == ("released", True)


def test_a_look_that_still_sees_the_number_leaves_it_to_the_person(
    buyer: Actor, release: Release, sandbox: Control
) -> None:
    seen = looked_for(buyer, without_a_list(release, sandbox))
    assert (seen.state, seen.due_at) == ("under_review", None)
    assert seen.sentence == "Genesys Cloud still lists the number. Decide whether it is kept."
    assert deletes(sandbox) == 1


def test_a_look_proves_nothing_about_what_was_never_sent(buyer: Actor, release: Release, sandbox: Control) -> None:
    seen = looked_for(buyer, to_review(release, sandbox))
    assert (seen.state, seen.due_at, deletes(sandbox)) == ("under_review", None, 0)
    assert "still does not list the number" in seen.sentence


def test_a_look_that_fails_says_why_and_is_not_repeated(buyer: Actor, release: Release, sandbox: Control) -> None:
    to_review(release, sandbox)
    sandbox.fault("server_error", match=LIST)
    seen = looked_for(buyer, release)
    assert (seen.state, seen.due_at) == ("under_review", None)
    assert "The portal could not look." in seen.sentence


def test_two_clicks_are_one_look(buyer: Actor, release: Release, sandbox: Control) -> None:
    to_review(release, sandbox)
    look_again(buyer, release)
    look_again(buyer, release)
    assert Event.objects.filter(verb=Verb.RELEASE_LOOK_ASKED).count() == 1


def test_only_what_is_under_review_is_looked_for(buyer: Actor, release: Release) -> None:
    with pytest.raises(ValidationError, match="does not wait for a decision"):
        look_again(buyer, release)


def test_the_page_offers_the_look(
    client_of: Callable[[User], Client], representative: User, release: Release, sandbox: Control
) -> None:
    to_review(release, sandbox)
    client, page = client_of(representative), reverse("release", args=[release.pk])
    assert "Look again" in client.get(page).content.decode()
    answer = client.post(reverse("release_look", args=[release.pk]), follow=True)
    assert "A worker looks at the list again." in answer.content.decode()
    release.refresh_from_db()
    assert release.due_at is not None


def test_the_button_says_whether_a_second_person_must_approve(
    client_of: Callable[[User], Client], representative: User, ours: NumberOrder
) -> None:
    page = reverse("release_new", args=[OwnedNumber.objects.get(number=NUMBER).pk])
    for approves in (True, False):
        OrderPolicy.objects.update_or_create(tenant=ours.tenant, defaults={"approve_releases": approves})
        shown = client_of(representative).get(page).content.decode()
        assert ("Ask for approval" in shown) == approves
        assert ("Release +1 844 555 1212</button>" in shown) != approves


def test_what_was_asked_for_as_an_approval_waits_for_one(
    client_of: Callable[[User], Client], representative: User, ours: NumberOrder
) -> None:
    """The rules changed after the page was opened; what its button said still holds."""
    desk, owned = client_of(representative), OwnedNumber.objects.get(number=NUMBER)
    form = {"typed": NUMBER, "reason": "Over", "ask_approval": "1"}
    desk.post(reverse("release_new", args=[owned.pk]), form)
    assert Release.objects.get().state == "awaiting_approval"
