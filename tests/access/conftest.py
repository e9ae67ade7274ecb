import logging
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.access.world import World, build


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
