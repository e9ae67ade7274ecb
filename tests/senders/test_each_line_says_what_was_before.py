"""A line tells from what to what, so that nobody has to look for the one before it."""

from django.test import Client
from django.urls import reverse

from portal.audit.actors import Actor
from senders import actions
from senders.models import SenderId
from senders.options_block import render
from tests.support.lines import changes_of

GONE = {
    "number": ["16504661149", None],
    "section": ["SMS_Main_Corporate", None],
    "endpoint": ["MainRouting", None],
    "cxc_only": [False, None],
    "agents_answer": [True, None],
    "provider": ["Portico", None],
}


def test_from_the_tick_to_the_end_of_a_sender_id(actor: Actor, sender: SenderId) -> None:
    actions.tick_off(actor, sender)
    assert changes_of("sender.done") == {"state": ["ready", "done"]}
    actions.compare_with(actor, sender, render(sender))
    assert changes_of("sender.compared") == {"differing": [None, "nothing"]}
    actions.compare_with(actor, sender, render(sender).replace("Portico", "Async"))
    assert changes_of("sender.compared") == {"differing": [None, "provider"], "state": ["done", "differs"]}
    actions.tick_off(actor, sender)
    assert changes_of("sender.done") == {"state": ["differs", "done"]}
    actions.take_back(actor, sender)
    assert changes_of("sender.reopened") == {"state": ["done", "ready"]}
    actions.remove_sender(actor, sender)
    assert changes_of("sender.removed") == GONE


def test_a_block_that_somebody_takes_along_is_a_line(client: Client, sender: SenderId) -> None:
    client.get(reverse("senders:block", args=[sender.pk]))
    assert changes_of("sender.downloaded") == {}
