"""Parts of the operations page of which the first one fails."""

import pytest

from portal.operations import gauges
from portal.operations.gauges import Gauge


def fail() -> None:
    """Fail, as nobody foresaw."""
    raise ZeroDivisionError


@pytest.fixture
def first_gauge_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two gauges: one that fails, and one that reads 7."""
    monkeypatch.setattr(gauges, "_gauges", [])
    gauges.register(Gauge("broken", "Broken ones", fail))
    gauges.register(Gauge("whole", "Whole ones", lambda: 7.0))
