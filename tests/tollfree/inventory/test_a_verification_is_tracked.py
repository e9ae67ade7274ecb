import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.tenants.models import Tenant
from tests.provisioning.kaleyra import last_event
from tests.tollfree.inventory.stories import OTHER, owned, told
from tollfree.inventory.actions import explain, track_verification
from tollfree.inventory.models import OwnedNumber, Verification
from tollfree.inventory.orphans import orphans_of


def test_each_step_is_kept_with_date_and_note(representative: User, tenant: Tenant) -> None:
    number, rep = owned(tenant), person(representative)
    track_verification(rep, number, Verification.FORM_SENT)
    track_verification(rep, number, Verification.FORM_SENT, note="They confirmed it.")
    track_verification(rep, number, Verification.VERIFIED, seen="form_sent")
    number.refresh_from_db()
    steps = [(step.state, step.note, step.by_label) for step in number.notes.order_by("id")]
    label = representative.email
    assert steps == [
        ("form_sent", "", label),
        ("form_sent", "They confirmed it.", label),
        ("verified", "", label),
    ]
    assert number.verification == Verification.VERIFIED
    assert number.verification_at == number.notes.latest("id").at
    assert told(tenant) == ["verification.changed", "verification.noted", "verification.changed"]
    assert '"verification":["Form sent","Verified"]' in last_event(tenant)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("not_started", " ", ""), "Write a note, or choose another state."),
        (("needs_answer", "", ""), "Write down what is asked."),
        (("refused", "", ""), "Write down why it was refused."),
        (("verified", "x" * 2001, ""), "at most 2000 letters; these are 2001."),
        (("verified", "", "in_review"), "Somebody changed it to “Not started”"),
    ],
)
def test_what_makes_no_sense_is_told(
    representative: User, tenant: Tenant, said: tuple[str, str, str], sentence: str
) -> None:
    number, (state, note, seen) = owned(tenant), said
    with pytest.raises(ValidationError, match=sentence):
        track_verification(person(representative), number, Verification(state), note=note, seen=seen)
    number.refresh_from_db()
    assert (number.verification, number.notes.count(), told(tenant)) == ("not_started", 0, [])


def test_an_orphan_is_explained_in_words_and_is_none_any_more(representative: User, tenant: Tenant) -> None:
    rows = [owned(tenant), owned(tenant, OTHER)]
    with pytest.raises(ValidationError, match="Say it in words"):
        explain(person(representative), tenant, rows, " ")
    assert explain(person(representative), tenant, rows[:1], "Bought by hand in May.") == 1
    assert [orphan.owned.number for orphan in orphans_of(tenant)] == [OTHER]
    assert explain(person(representative), tenant, rows, "Ported in.") == 1
    assert OwnedNumber.objects.get(pk=rows[0].pk).explanation == "Bought by hand in May."
    assert told(tenant) == ["number.explained", "number.explained"]


def test_only_representatives_write(administrator: User, auditor: User, outsider: User, tenant: Tenant) -> None:
    number = owned(tenant)
    for user in (administrator, auditor, outsider):
        with pytest.raises(PermissionDenied):
            track_verification(person(user), number, Verification.VERIFIED)
        with pytest.raises(PermissionDenied):
            explain(person(user), tenant, [number], "Mine.")
    assert told(tenant) == []


def test_another_tenants_number_is_not_explained_with_ones_own(
    representative: User, tenant: Tenant, other_tenant: Tenant
) -> None:
    theirs = owned(other_tenant)
    assert explain(person(representative), tenant, [theirs], "Mine.") == 0
    theirs.refresh_from_db()
    assert theirs.explained_at is None
