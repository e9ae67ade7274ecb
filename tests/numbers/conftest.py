"""The fixtures of the numbers' tests, made in one place."""

from tests.tollfree.conftest import access
from tests.tollfree.orders.conftest import buyer, ordering, queued, wake_ups

__all__ = ["access", "buyer", "ordering", "queued", "wake_ups"]
