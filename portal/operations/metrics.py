"""Prometheus metrics in text format, read from the database at each scrape, so every process returns the same."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from redis.exceptions import RedisError

from portal.core.isolation import alone
from portal.operations import build, gauges, health
from portal.operations.heartbeats import alive
from portal.operations.models import HeartKind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text() -> str:
    """Return all metrics; a part that cannot be read is left out, because 0 would be wrong."""
    return "".join(alone(f"metrics: {part.__name__}", partial(_joined, part), "") for part in _PARTS)


def _joined(part: Callable[[], Iterator[str]]) -> str:
    return "".join(part())


def _build_info() -> Iterator[str]:
    labels = ",".join(f'{name}="{value}"' for name, value in build.info().items())
    yield from _metric("portal_build_info", "What runs here; the value is always 1", {f"{{{labels}}}": 1})


def _workers() -> Iterator[str]:
    workers, orders = alive(HeartKind.WORKER), alive(HeartKind.ORDERS)
    yield from _metric("portal_workers", "Workers that gave a sign of life lately", {"": len(workers)})
    yield from _metric("portal_order_workers", "Workers of orders that gave a sign of life lately", {"": len(orders)})
    off = max((abs(worker.clock_ahead) for worker in workers + orders), default=0.0)
    yield from _metric(
        "portal_clock_off_seconds", "How far the worst clock of a worker is from the database's", {"": off}
    )


def _queues() -> Iterator[str]:
    yield from _metric("portal_queue_messages", "Messages that wait in the queue", _depths())


def _work() -> Iterator[str]:
    for reading in gauges.readings():
        if reading.value is not None:
            yield from _metric(f"portal_{reading.gauge.name}", reading.gauge.label, {"": reading.value})


def _depths() -> dict[str, float]:
    try:
        return {f'{{queue="{name}"}}': depth for name, depth in health.queue_depths().items()}
    except RedisError:
        return {}  # no number is better than a wrong zero


def _metric(name: str, help_text: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP {name} {help_text}\n# TYPE {name} gauge\n"
    for labels, value in values.items():
        yield f"{name}{labels} {value:g}\n"


_PARTS = (_build_info, _workers, _queues, _work)
