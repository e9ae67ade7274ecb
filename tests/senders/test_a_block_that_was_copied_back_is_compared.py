from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.actions import compare_with, tick_off
from senders.models import SenderId, SenderState
from senders.options_block import render
from tests.provisioning.kaleyra import last_event
from tests.senders.senders import add, again, page, post


def differing(actor: Actor, sender: SenderId, text: str) -> dict[str, str]:
    """What is wrong, by option."""
    return {line.name: line.note for line in compare_with(actor, sender, text) if not line.is_same}


def test_the_same_block_is_the_same(actor: Actor, sender: SenderId) -> None:
    assert differing(actor, sender, render(sender)) == {}


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("channelId = 16504661149", "channelId = 16504661148", {"channelId": "Another value"}),
        ("endpoint = chat.MainRouting", "endpoint = MainRouting", {"endpoint": "Another value"}),
        ("media = chat\n", "", {"media": "Missing"}),
        ("channelId", "channelld", {"channelId": "Missing", "channelld": "Not one of the guide's options"}),
        ("media = chat", "media = chat\ncolour = red", {"colour": "Not one of the guide's options"}),
        ("[chat.SMS_Main_Corporate]", "[chat.SMS_Main]", {"section": "Another value"}),
        ("[chat.SMS_Main_Corporate]", "[SMS_Main_Corporate]", {"section": "Another value"}),
        ("cxcOnly = false", "cxcOnly = FALSE", {"cxcOnly": "Another value"}),
        # What people's editors and clipboards do to it changes nothing.
        ("[chat.SMS_Main_Corporate]\n", "", {}),
        (" = ", "=", {}),
        ("\n", "\r\n", {}),
        ("\n", "  \n\t", {}),
        ("[chat", "\ufeff# copied today\n\n[ chat", {}),
        # The defaults of Digital Channels (guide).
        ("cxcOnly = false\n", "", {}),
        ("provider = Portico", "", {}),
    ],
)
def test_each_line_gets_its_verdict(actor: Actor, sender: SenderId, old: str, new: str, wrong: dict[str, str]) -> None:
    assert differing(actor, sender, render(sender).replace(old, new)) == wrong


@pytest.mark.parametrize(
    ("changes", "line", "name"),
    [({"provider": "Async"}, "provider = Async", "provider"), ({"cxc_only": True}, "cxcOnly = true", "cxcOnly")],
)
def test_a_missing_option_is_wrong_where_its_default_is_not_wanted(
    actor: Actor, tenant: Tenant, changes: dict[str, Any], line: str, name: str
) -> None:
    sender = add(actor, tenant, **changes)
    assert differing(actor, sender, render(sender).replace(line, "")) == {name: "Missing"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[chat.SMS_Main_Corporate]\n", "Paste the options of the section."),
        ("channelId = 1\nmedia chat", "Line 2 is no option; options read NAME = VALUE."),
        ("channelId = 1\n = chat", "Line 2 is no option; options read NAME = VALUE."),
        ("channelId = 1\nchannelId = 2", "Line 2 names channelId a second time."),
        ("[chat.One]\nchannelId = 1\n[chat.Two]", "Another section begins in line 3."),
        ("x = 1\n" * 4_000, "This is longer than any section."),
    ],
)
def test_what_is_no_section_gets_a_sentence(client: Client, sender: SenderId, text: str, sentence: str) -> None:
    assert sentence in post(client, "page", sender.pk, block=text).content.decode()
    assert again(sender).observed == {}


def test_a_draft_has_nothing_to_compare_with(actor: Actor, tenant: Tenant) -> None:
    with pytest.raises(ValidationError, match="complete it first"):
        compare_with(actor, add(actor, tenant, endpoint=""), "channelId = 1")


def test_the_comparison_stays_on_the_page(client: Client, sender: SenderId) -> None:
    wrong = render(sender).replace("media = chat", "media = mail")
    assert post(client, "page", sender.pk, block=wrong).status_code == 302
    text = page(client, "page", sender.pk)
    assert "It is not its block" in text
    assert "Another value" in text
    post(client, "page", sender.pk, block=render(sender))
    assert "Every line is as it should be" in page(client, "page", sender.pk)


def test_what_is_not_the_same_takes_the_tick_away(actor: Actor, sender: SenderId) -> None:
    tick_off(actor, sender)
    compare_with(actor, sender, "channelId = 12345")
    now = again(sender)
    assert (now.state, now.done_at, now.done_by_label) == (SenderState.DIFFERS, None, "")
    compare_with(actor, sender, render(sender))
    assert again(sender).state == SenderState.READY


def test_the_same_leaves_a_tick_where_it_is(actor: Actor, sender: SenderId) -> None:
    tick_off(actor, sender)
    compare_with(actor, sender, render(sender))
    assert again(sender).state == SenderState.DONE


def test_a_tick_after_mending_forgets_what_stood_there_before(actor: Actor, sender: SenderId) -> None:
    compare_with(actor, sender, render(sender).replace("cxcOnly = false", "cxcOnly = true"))
    tick_off(actor, sender)
    now = again(sender)
    assert (now.state, now.observed) == (SenderState.DONE, {})


def test_the_history_names_what_differs(actor: Actor, sender: SenderId, tenant: Tenant) -> None:
    compare_with(actor, sender, render(sender).replace("media = chat", "media = mail"))
    assert '"differing":[null,"media"]' in last_event(tenant).replace(" ", "")


def test_markup_in_a_pasted_block_stays_text(client: Client, sender: SenderId) -> None:
    post(client, "page", sender.pk, block=f"{render(sender)}\n<script>alert(1)</script> = <b>")
    assert "<script>alert" not in page(client, "page", sender.pk)
