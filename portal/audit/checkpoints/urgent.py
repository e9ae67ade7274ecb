"""Hook for urgent events: apps register a listener in `AppConfig.ready`, which makes the checkpoint at once."""

from collections.abc import Callable, Iterable

from django.db import transaction

from portal.audit.verbs import Verb

_listeners: list[Callable[[], None]] = []


def register(listener: Callable[[], None]) -> None:
    """Call `listener` after each commit with urgent events. It must not block; its errors are only logged."""
    _listeners.append(listener)


def announce(verbs: Iterable[Verb]) -> None:
    """Call the listeners after the commit if one of these verbs is urgent."""
    if any(verb.is_urgent for verb in verbs):
        for listener in _listeners:
            transaction.on_commit(listener, robust=True)
