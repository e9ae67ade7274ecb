"""Failpoints: named points at which a process can be made to die, so that tests can prove what survives it.

`CRASH_AT=step.sent` kills the process (as `kill -9` would) the first time it comes there, `CRASH_AT=step.sent:3`
the third time. Without the variable a point costs one comparison.

Only development knows them. Production does not start with the variable (`portal.settings.checks`), and here the
environment is asked once more, for code that runs before or without the settings.
"""

import os
import signal
import threading

_is_development = os.environ.get("PORTAL_ENV", "development") == "development"
_name, _, _count = (os.environ.get("CRASH_AT", "") if _is_development else "").partition(":")
_left = int(_count or 1)
_lock = threading.Lock()


def armed() -> str:
    """Return the point at which this process would die, or an empty text."""
    return _name


def failpoint(point: str) -> None:
    """Die here if the environment says so."""
    global _left  # noqa: PLW0603 - one countdown for all threads of the process
    if point != _name:
        return
    with _lock:
        _left -= 1
        if _left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()  # the signal comes at once, but not before this line
