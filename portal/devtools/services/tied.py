"""Exec wrapper that ties a command's life to its parent's: `python tied.py PARENT_PID COMMAND ...`.

A parent that is killed with SIGKILL cannot stop its children. On Linux the kernel does it: the parent-death signal
survives the exec. Elsewhere the command runs untied. Run it with `-I -S`, so that it takes only about 10 ms.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def tie(parent: int) -> None:
    """Receive SIGTERM when the parent with this process id dies; exit at once if it is dead already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            sys.exit(1)


def main() -> None:
    """Tie this process to its parent, then exec the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    tie(parent)
    try:
        os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command, no shell needed
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
