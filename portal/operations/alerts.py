"""What the page must say aloud; upper rooms register theirs from `AppConfig.ready`."""

from collections.abc import Callable

from portal.core.isolation import alone

#: Said in the place of an alert that failed.
FAILED = "One of the checks behind this page failed, so it may miss a problem. The portal's log says why."

_alerts: list[Callable[[], str | None]] = []


def register(alert: Callable[[], str | None]) -> None:
    """Ask this at each look; it returns a sentence, or None if all is well."""
    _alerts.append(alert)


def sentences() -> list[str]:
    """Return all that is to be said now; one that fails leaves the others their say."""
    said = [alone(f"alert {alert.__qualname__}", alert, FAILED) for alert in _alerts]
    return list(dict.fromkeys(filter(None, said)))
