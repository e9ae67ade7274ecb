"""The metrics in Prometheus' text form, read from the database at each scrape: every process tells the same."""

from collections.abc import Iterator, Mapping

from redis.exceptions import RedisError

from portal.operations import gauges, health
from portal.operations.heartbeats import alive
from portal.operations.models import HeartKind

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text() -> str:
    """Return all metrics."""
    return "".join(_lines())


def _lines() -> Iterator[str]:
    workers, orders = alive(HeartKind.WORKER), alive(HeartKind.ORDERS)
    yield from _metric("portal_workers", "Workers that gave a sign of life lately", {"": len(workers)})
    yield from _metric("portal_order_workers", "Workers of orders that gave a sign of life lately", {"": len(orders)})
    off = max((abs(worker.clock_ahead) for worker in workers + orders), default=0.0)
    yield from _metric(
        "portal_clock_off_seconds", "How far the worst clock of a worker is from the database's", {"": off}
    )
    yield from _metric("portal_queue_messages", "Messages that wait in the queue", _depths())
    for gauge, value in gauges.readings():
        if value is not None:
            yield from _metric(f"portal_{gauge.name}", gauge.label, {"": value})


def _depths() -> dict[str, float]:
    try:
        return {f'{{queue="{name}"}}': depth for name, depth in health.queue_depths().items()}
    except RedisError:
        return {}  # no number is more honest than a zero


def _metric(name: str, help_text: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP {name} {help_text}\n# TYPE {name} gauge\n"
    for labels, value in values.items():
        yield f"{name}{labels} {value:g}\n"
