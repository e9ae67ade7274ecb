"""Every form of every page, as Enter in one of its fields sends it: never a decision, a purchase or an end."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from tests.access.lines import ARGUMENTS, LINES
from tests.access.people import Who
from tests.access.routes import path_of
from tests.access.walk import filled
from tests.access.world import World, sign_in
from tests.support.forms import Form, forms_of

pytestmark = pytest.mark.sweep

#: What must be pressed by itself.
DANGEROUS = re.compile(
    r"(approve|order|ask for approval|buy|release|replace|try to replace|remove|delete|disable|archive|withdraw|"
    r"discard|reset|enable|run|resume|it was|make .*(administrator|auditor)|have the key made|take .*administrat|"
    r"cancel|disconnect|show it)\b",
    re.IGNORECASE,
)
#: Forms with several outcomes, whose first and safe one Enter chooses, and why.
SAFE_FIRST = {
    "Search": "asks again, and picks are kept",
    "Save and go on": "keeps the draft and sends nothing, as the other buttons do first",
}


def pages(world: World, client: Client) -> Iterator[tuple[str, str]]:
    """Every page that answers, by its line's name."""
    for line in LINES:
        if line.get is None:
            continue
        path = path_of(line.name, world.ours, line.path, ARGUMENTS)
        answer = client.get(path, filled(line.query, world.ours))
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/html"):
            yield path, answer.content.decode()


def complaints(form: Form) -> Iterator[str]:
    for pressed in form.on_enter:
        if DANGEROUS.match(pressed.label) or "btn-danger" in pressed.classes:
            yield f"Enter in {form.fields + form.ticks} presses {pressed.label!r}"
        if len(form.outcomes) > 1 and pressed.label not in SAFE_FIRST:
            yield f"Enter in {form.fields + form.ticks} chooses {pressed.label!r} of {sorted(form.outcomes)}"


@pytest.mark.parametrize("who", [Who.ANONYMOUS, Who.ADMINISTRATOR, Who.REPRESENTATIVE, Who.SITE])
def test_enter_in_a_field_never_decides(world: World, who: Who) -> None:
    client, user = Client(), world.people[who]
    if user is not None:
        sign_in(client, user)
    found = [(path, form) for path, html in pages(world, client) for form in forms_of(html)]
    assert found
    assert [(path, words) for path, form in found for words in complaints(form)] == []


@pytest.mark.parametrize("who", [Who.ADMINISTRATOR, Who.REPRESENTATIVE, Who.SITE])
def test_two_outcomes_without_fields_are_two_forms_too(world: World, who: Who) -> None:
    client, user = Client(), world.people[who]
    assert user is not None
    sign_in(client, user)
    mixed = {
        (path, *sorted(button.label for button in form.buttons if button.label))
        for path, html in pages(world, client)
        for form in forms_of(html)
        if len({address for address, _, _ in form.outcomes}) > 1 and form.buttons[0].label not in SAFE_FIRST
    }
    assert mixed == set()
