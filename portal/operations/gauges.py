"""Numbers about the work that waits; upper rooms register theirs from `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Gauge:
    """One number. `name` is its metric's, `read` gives it now (None: there is nothing to measure)."""

    name: str
    label: str
    read: Callable[[], float | None]
    seconds: bool = False


_gauges: list[Gauge] = []


def register(gauge: Gauge) -> None:
    """Show this number on the page and among the metrics."""
    _gauges.append(gauge)


def readings() -> list[tuple[Gauge, float | None]]:
    """Return every number as it is now."""
    return [(gauge, gauge.read()) for gauge in _gauges]
