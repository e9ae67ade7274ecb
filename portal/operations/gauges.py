"""Numbers about the work that waits; upper rooms register theirs from `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from portal.core.isolation import alone


@dataclass(frozen=True)
class Gauge:
    """One number. `name` is its metric's, `read` gives it now (None: there is nothing to measure)."""

    name: str
    label: str
    read: Callable[[], float | None]
    seconds: bool = False


@dataclass(frozen=True)
class Reading:
    """A gauge as it is now; one that could not be read has no value."""

    gauge: Gauge
    value: float | None = None
    failed: bool = False


_gauges: list[Gauge] = []


def register(gauge: Gauge) -> None:
    """Show this number on the page and among the metrics."""
    _gauges.append(gauge)


def readings() -> list[Reading]:
    """Return every number as it is now; one that fails leaves the others as they are."""
    return [alone(f"gauge {gauge.name}", partial(_read, gauge), Reading(gauge, failed=True)) for gauge in _gauges]


def _read(gauge: Gauge) -> Reading:
    return Reading(gauge, gauge.read())
