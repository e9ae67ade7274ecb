"""Alerts on the operations page; apps register theirs in `AppConfig.ready`."""

from collections.abc import Callable

from portal.core.isolation import alone

#: Shown in place of an alert that raised an exception.
FAILED = "One of the checks behind this page failed, so it may miss a problem. The portal's log says why."

_alerts: list[Callable[[], str | None]] = []


def register(alert: Callable[[], str | None]) -> None:
    """Register an alert, which is called for each page view; it returns a message, or None if all is well."""
    _alerts.append(alert)


def sentences() -> list[str]:
    """Return all current messages; a failing alert does not affect the others."""
    said = [alone(f"alert {alert.__qualname__}", alert, FAILED) for alert in _alerts]
    return list(dict.fromkeys(filter(None, said)))
