"""Gauges: numbers about queued work, for metrics and the operations page. Apps register theirs in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from portal.core.isolation import alone


@dataclass(frozen=True)
class Gauge:
    """A number. `name` is the metric's name, `read` returns the current value (None if there is nothing to measure)."""

    name: str
    label: str
    read: Callable[[], float | None]
    seconds: bool = False


@dataclass(frozen=True)
class Reading:
    """The current value of a gauge; None if it could not be read."""

    gauge: Gauge
    value: float | None = None
    failed: bool = False


_gauges: list[Gauge] = []


def register(gauge: Gauge) -> None:
    """Show this gauge on the page and in the metrics."""
    _gauges.append(gauge)


def readings() -> list[Reading]:
    """Return all current values; a failing gauge does not affect the others."""
    return [alone(f"gauge {gauge.name}", partial(_read, gauge), Reading(gauge, failed=True)) for gauge in _gauges]


def _read(gauge: Gauge) -> Reading:
    return Reading(gauge, gauge.read())
