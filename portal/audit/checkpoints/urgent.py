"""Which events want a checkpoint at once, and who makes it: upper rooms register from `AppConfig.ready`."""

from collections.abc import Callable, Iterable

#: Orders, roles and people, credentials and keys, exports: what an attacker would want to have never happened.
URGENT = (
    *("order.", "role.", "person.", "membership.", "invitation."),
    *("credential.", "keys.", "cluster_key.", "checkpoint_key.", "evidence.", "history."),
)
#: Anybody can cause these, and as many as they like: they wait for the next minute.
NOT_URGENT = frozenset({"person.signed_in", "person.sign_in_refused", "person.signed_out", "person.refused"})
_listeners: list[Callable[[], None]] = []


def register(listener: Callable[[], None]) -> None:
    """Call `listener` in the transaction of each urgent event; it must not wait, and act after the commit only."""
    _listeners.append(listener)


def announce(verbs: Iterable[str]) -> None:
    """Tell the listeners if one of these verbs is urgent."""
    if any(verb.startswith(URGENT) and verb not in NOT_URGENT for verb in verbs):
        for listener in _listeners:
            listener()
