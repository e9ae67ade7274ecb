from tests.tollfree.orders.conftest import buyer, ordering, queued, second, wake_ups

__all__ = ["buyer", "ordering", "queued", "second", "wake_ups"]
