"""Which events want a checkpoint at once, and who makes it: upper rooms register from `AppConfig.ready`."""

from collections.abc import Callable, Iterable

#: Orders, roles and people, credentials and keys, exports: what an attacker would want to have never happened.
URGENT = (
    *("order.", "role.", "person.", "membership.", "invitation."),
    *("credential.", "keys.", "cluster_key.", "checkpoint_key.", "evidence.", "history."),
)
_listeners: list[Callable[[], None]] = []


def register(listener: Callable[[], None]) -> None:
    """Call `listener` in the transaction of each urgent event; it must not wait, and act after the commit only."""
    _listeners.append(listener)


def announce(verbs: Iterable[str]) -> None:
    """Tell the listeners if one of these verbs is urgent."""
    if any(verb.startswith(URGENT) for verb in verbs):
        for listener in _listeners:
            listener()
