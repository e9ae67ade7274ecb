"""Become another command, whose life is tied to its parent's: `python tied.py PARENT_PID COMMAND ...`.

A parent that is killed with SIGKILL can end nobody. Linux ends this process for it: the wish survives the
exec. Elsewhere the command runs untied. Run with `-I -S`, so that it costs a hundredth of a second.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie(parent: int) -> None:
    """End with the parent, whose process id this is; at once if it died before we asked."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


def main() -> None:
    """Tie, then exec."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    tie(parent)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command, no shell wanted
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
