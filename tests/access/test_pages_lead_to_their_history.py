"""Each page about one thing has a link to the lines about that thing."""

from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.access.people import Who
from tests.access.world import World

pytestmark = pytest.mark.sweep

#: A page about a thing, its rows in the world, and the filter of the link; of a person also what they did themselves.
PAGES = [
    ("setup", "done", "target=setup%3A"),
    ("senders:page", "sender", "target=sender%3A"),
    ("tollfree:request", "request", "target=request%3A"),
    ("order", "order", "target=order%3A"),
    ("release", "release", "target=release%3A"),
    ("numbers:page", "owned", "target=number%3A"),
    ("people:page", "person", "?person="),
]


def test_the_link_leads_to_the_lines_of_the_thing_alone(world: World) -> None:
    client = Client()
    site = world.people[Who.SITE]
    assert site is not None
    client.force_login(site)
    for page, name, query in PAGES:
        subject = world.ours.ids[name]
        shown = unescape(client.get(reverse(page, args=[subject])).content.decode())
        links = [part.split('"')[0] for part in shown.split('href="')[1:] if f"{query}{subject}" in part]
        assert len(links) == 1, page
        lines = client.get(links[0])
        assert lines.status_code == 200
        assert "history/list.html" in {template.name for template in lines.templates}
