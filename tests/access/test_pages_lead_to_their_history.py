"""Each page about one thing has a link to the lines about that thing."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.people import Who
from tests.access.world import World

pytestmark = pytest.mark.sweep

#: A page about a thing, what its rows are called in the world, and its kind in the history.
PAGES = [
    ("setup", "done", "setup"),
    ("senders:page", "sender", "sender"),
    ("tollfree:request", "request", "request"),
    ("order", "order", "order"),
    ("release", "release", "release"),
    ("numbers:page", "owned", "number"),
    ("people:page", "person", "person"),
]


def test_the_link_leads_to_the_lines_of_the_thing_alone(world: World) -> None:
    client = Client()
    site = world.people[Who.SITE]
    assert site is not None
    client.force_login(site)
    for page, name, kind in PAGES:
        subject = world.ours.ids[name]
        shown = unescape(client.get(reverse(page, args=[subject])).content.decode())
        links = [part.split('"')[0] for part in shown.split('href="')[1:] if f"target={kind}%3A{subject}" in part]
        assert len(links) == 1, page
        lines = client.get(links[0])
        assert lines.status_code == 200
        assert "history/list.html" in {template.name for template in lines.templates}
