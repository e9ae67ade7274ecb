import pytest
from django.test import Client
from django.urls import reverse

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.models import SenderId
from senders.options_block import render
from tests.senders.senders import add, page

BLOCK = """\
[chat.SMS_Main_Corporate]
channelId = 16504661149
channelType = sms
endpoint = chat.MainRouting
interactionSubtype = SMS
interactionType = Inbound
media = chat
cxcOnly = false
provider = Portico"""


def test_option_for_option_in_its_order(sender: SenderId) -> None:
    assert render(sender) == BLOCK


@pytest.mark.parametrize("provider", ["Async", "mGage"])
def test_with_the_options_provider(actor: Actor, tenant: Tenant, provider: str) -> None:
    assert render(add(actor, tenant, provider=provider)) == BLOCK.replace("Portico", provider)


def test_for_campaigns_only(actor: Actor, tenant: Tenant) -> None:
    assert "cxcOnly = true\n" in render(add(actor, tenant, cxc_only=True, agents_answer=False))


def test_a_typed_prefix_does_not_stand_there_twice(actor: Actor, tenant: Tenant) -> None:
    sender = add(actor, tenant, section="chat.SMS_Main_Corporate", endpoint=" chat.MainRouting ")
    assert render(sender) == BLOCK


def test_the_page_shows_it_between_the_guides_steps(client: Client, sender: SenderId) -> None:
    text = page(client, "page", sender.pk)
    assert BLOCK in text
    places = [text.index(words) for words in ("Log in to Designer", "NexusServices &gt; Options", BLOCK)]
    assert places == sorted(places)


def test_it_can_be_downloaded(client: Client, sender: SenderId) -> None:
    answer = client.get(reverse("senders:block", args=[sender.pk]))
    assert answer.content.decode() == f"{BLOCK}\n"
    assert answer["Content-Disposition"] == 'attachment; filename="SMS_Main_Corporate.txt"'
    assert answer["Content-Type"].startswith("text/plain")


def test_a_draft_has_none_yet(client: Client, actor: Actor, tenant: Tenant) -> None:
    draft = add(actor, tenant, section="", endpoint="")
    text = page(client, "page", draft.pk)
    assert "channelId" not in text
    assert "Complete it" in text
    assert client.get(reverse("senders:block", args=[draft.pk])).status_code == 404
