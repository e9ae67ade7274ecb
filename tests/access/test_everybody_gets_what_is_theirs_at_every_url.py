"""The walk: every URL, eight kinds of people, every method, and own, foreign and absent ids in path, query and form."""

import pytest
from django.test import Client

from tests.access.people import Who
from tests.access.walk import Walker
from tests.access.world import World, sign_in

pytestmark = pytest.mark.sweep

MOST_SHOWN = 40


@pytest.mark.parametrize("who", Who)
def test_everybody_gets_what_is_theirs(world: World, who: Who) -> None:
    client, user = Client(), world.people[who]
    if user is not None:
        sign_in(client, user)
    problems = Walker(world, who, client).walk()
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:MOST_SHOWN])
