"""Who makes the checkpoint that urgent events want at once: upper rooms register from `AppConfig.ready`."""

from collections.abc import Callable, Iterable

from portal.audit.verbs import Verb

_listeners: list[Callable[[], None]] = []


def register(listener: Callable[[], None]) -> None:
    """Call `listener` in the transaction of each urgent event; it must not wait, and act after the commit only."""
    _listeners.append(listener)


def announce(verbs: Iterable[Verb]) -> None:
    """Tell the listeners if one of these verbs is urgent."""
    if any(verb.is_urgent for verb in verbs):
        for listener in _listeners:
            listener()
