"""The walk: every URL, eight kinds of people, every method, and own, foreign and absent ids in path, query and form."""

import logging
from collections.abc import Iterator

import pytest
from django.test import Client
from redis import Redis

from tests.access.people import Who
from tests.access.walk import Walker
from tests.access.world import World, build, end_some

MOST_SHOWN = 40


@pytest.fixture
def world(db: None, redis: Redis) -> World:
    """Both tenants and everybody."""
    return build()


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Thousands of refusals are expected here; telling the log of each would take a third of the time."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("who", Who)
def test_everybody_gets_what_is_theirs(world: World, who: Who) -> None:
    client, user = Client(), world.people[who]
    if user is not None:
        client.force_login(user)
    end_some(world)
    problems = Walker(world, who, client).walk()
    assert not problems, f"{len(problems)} problems:\n" + "\n".join(problems[:MOST_SHOWN])
