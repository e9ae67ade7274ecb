from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.actions import change_sender, remove_sender, tick_off
from senders.models import SenderId, SenderState
from tests.provisioning.kaleyra import last_event, verbs
from tests.senders.senders import FACTS, add, again, as_typed, page, post


def test_a_tick_says_who_and_when(client: Client, sender: SenderId, administrator: User, tenant: Tenant) -> None:
    post(client, "tick", sender.pk)
    now = again(sender)
    assert (now.state, now.done_by_label, now.done_at is not None) == (SenderState.DONE, administrator.email, True)
    text = " ".join(page(client, "page", sender.pk).split())
    assert f"ticked off by {administrator.email}" in text
    assert verbs(tenant)[-1] == "sender.done"


def test_a_second_tick_changes_nothing(client: Client, sender: SenderId, tenant: Tenant) -> None:
    post(client, "tick", sender.pk)
    before = verbs(tenant)
    post(client, "tick", sender.pk)
    assert verbs(tenant) == before


def test_the_tick_can_be_taken_back(client: Client, sender: SenderId, tenant: Tenant) -> None:
    post(client, "tick", sender.pk)
    post(client, "tick", sender.pk, undo="1")
    assert (again(sender).state, again(sender).done_at) == (SenderState.READY, None)
    assert verbs(tenant)[-1] == "sender.reopened"


def test_a_draft_is_not_ticked_off(client: Client, actor: Actor, tenant: Tenant) -> None:
    draft = add(actor, tenant, endpoint="")
    post(client, "tick", draft.pk)
    assert again(draft).state == SenderState.DRAFT
    assert "complete it first" in page(client, "page", draft.pk)


def test_a_change_must_be_pasted_again(actor: Actor, sender: SenderId, tenant: Tenant) -> None:
    tick_off(actor, sender)
    change_sender(actor, sender, replace(FACTS, endpoint="Other"))
    assert (again(sender).state, again(sender).done_at) == (SenderState.READY, None)
    assert '"endpoint":["MainRouting","Other"]' in last_event(tenant).replace(" ", "")


def test_no_change_keeps_the_tick_and_adds_no_event(actor: Actor, sender: SenderId, tenant: Tenant) -> None:
    tick_off(actor, sender)
    before = verbs(tenant)
    change_sender(actor, sender, FACTS)
    assert (again(sender).state, verbs(tenant)) == (SenderState.DONE, before)


def test_completing_a_draft_makes_it_ready(client: Client, actor: Actor, tenant: Tenant) -> None:
    draft = add(actor, tenant, section="", endpoint="")
    post(client, "edit", draft.pk, **as_typed(draft, section="Support", endpoint="Main"))
    assert again(draft).state == SenderState.READY


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("number", "999", "Enter a short code"),
        ("number", "12345", "12345 is a sender ID of this tenant already."),
        ("section", "SMS 1", "no digits, no spaces"),
        ("endpoint", "Main Routing", "An endpoint&#x27;s name may hold"),
        ("provider", "Twilio", "Select a valid choice"),
    ],
)
def test_a_bad_value_gets_a_sentence_at_its_field(  # noqa: PLR0917 - the table's columns and the parts
    client: Client, actor: Actor, tenant: Tenant, sender: SenderId, field: str, value: str, sentence: str
) -> None:
    add(actor, tenant, "12345", section="Other")
    text = post(client, "edit", sender.pk, **as_typed(sender, **{field: value})).content.decode()
    at_the_field = text[text.index(f'id="id_{field}_error"') :]
    assert sentence in at_the_field[: at_the_field.index("</div>")]
    assert again(sender) == sender


def test_the_guides_short_example_is_taken_with_a_warning(client: Client, tenant: Tenant) -> None:
    answer = post(client, "add", tenant.pk, number="1650466114", provider="Portico")
    assert "is one missing?" in client.get(answer["Location"]).content.decode()


@pytest.mark.parametrize(
    ("number", "shown", "kind"),
    [
        ("18445551212", "+1 844 555 1212", "toll-free number"),
        ("8445551212", "", "toll-free number"),
        ("16504661149", "+1 650 466 1149", "long code"),
        ("12345", "12345", "short code"),
        ("123456", "123456", "short code"),
    ],
)
def test_it_is_shown_well_with_its_kind(  # noqa: PLR0917 - the same
    client: Client, actor: Actor, tenant: Tenant, number: str, shown: str, kind: str
) -> None:
    text = page(client, "page", add(actor, tenant, number).pk)
    assert f"A {kind} of Acme." in text
    assert shown in text


def test_removing_asks_first_and_keeps_the_history(client: Client, sender: SenderId, tenant: Tenant) -> None:
    assert "Its section in Platform Administration stays" in page(client, "remove", sender.pk)
    assert SenderId.objects.exists()
    assert post(client, "remove", sender.pk).status_code == 302
    assert not SenderId.objects.exists()
    assert verbs(tenant)[-1] == "sender.removed"


def test_the_later_of_two_saves_is_told(client: Client, actor: Actor, sender: SenderId) -> None:
    opened = page(client, "edit", sender.pk)
    seen = opened.split('name="seen" value="')[1].split('"')[0]
    change_sender(actor, sender, replace(FACTS, endpoint="First"))
    late = post(client, "edit", sender.pk, seen=seen, **as_typed(sender, endpoint="Second"))
    text = late.content.decode()
    assert late.status_code == 409
    assert again(sender).endpoint == "First"
    assert text.index("Somebody else changed this sender ID") < text.index(">First<") < text.index(">Second<")
    again_seen = text.split('name="seen" value="')[1].split('"')[0]
    assert post(client, "edit", sender.pk, seen=again_seen, **as_typed(sender, endpoint="Second")).status_code == 302
    assert again(sender).endpoint == "Second"


def test_a_mistake_does_not_hide_that_somebody_else_saved(client: Client, actor: Actor, sender: SenderId) -> None:
    seen = page(client, "edit", sender.pk).split('name="seen" value="')[1].split('"')[0]
    change_sender(actor, sender, replace(FACTS, endpoint="First"))
    wrong = post(client, "edit", sender.pk, seen=seen, **as_typed(sender, provider="Twilio")).content.decode()
    assert wrong.split('name="seen" value="')[1].split('"')[0] == seen


@pytest.mark.parametrize("change", [tick_off, remove_sender])
def test_an_archived_tenants_stay_as_they_are(actor: Actor, sender: SenderId, tenant: Tenant, change: object) -> None:
    Tenant.objects.update(archived_at=sender.created_at)
    with pytest.raises(ValidationError, match="was archived"):
        change(actor, sender)  # type: ignore[operator]  # an action of the table above
    with pytest.raises(ValidationError, match="was archived"):
        add(actor, tenant, "12345")
