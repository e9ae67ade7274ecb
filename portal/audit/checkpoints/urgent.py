"""Who makes the checkpoint that urgent events want at once: upper rooms register from `AppConfig.ready`."""

from collections.abc import Callable, Iterable

from django.db import transaction

from portal.audit.verbs import Verb

_listeners: list[Callable[[], None]] = []


def register(listener: Callable[[], None]) -> None:
    """Call `listener` after the commit of each urgent event; it must not wait, and one that fails is only logged."""
    _listeners.append(listener)


def announce(verbs: Iterable[Verb]) -> None:
    """Tell the listeners, after the commit, if one of these verbs is urgent."""
    if any(verb.is_urgent for verb in verbs):
        for listener in _listeners:
            transaction.on_commit(listener, robust=True)
