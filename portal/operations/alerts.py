"""What the page must say aloud; upper rooms register theirs from `AppConfig.ready`."""

from collections.abc import Callable

_alerts: list[Callable[[], str | None]] = []


def register(alert: Callable[[], str | None]) -> None:
    """Ask this at each look; it returns a sentence, or None if all is well."""
    _alerts.append(alert)


def sentences() -> list[str]:
    """Return all that is to be said now."""
    return [said for alert in _alerts if (said := alert())]
