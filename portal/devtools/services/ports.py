"""Loopback ports: check whether one is free, and choose another."""

import http.client
import socket

LOOPBACK = "127.0.0.1"
REDIS_DEFAULT = 6379  # another Redis on this machine may use it, and we must never write to that one


def free_port() -> int:
    """Return a loopback port that is free now."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        if port != REDIS_DEFAULT:
            return port


def is_free(port: int) -> bool:
    """Return whether a server could listen on this loopback port. Raises PermissionError for reserved ports."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: ports in TIME_WAIT are free
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except PermissionError:
            raise
        except OSError:
            return False
    return True


def wanted_or_free(wanted: int | None) -> int:
    """Return the wanted port if it is free, else any free one; with 0 or None any free one."""
    return wanted if wanted and is_free(wanted) else free_port()


def accepts(port: int) -> bool:
    """Return whether a process listens on this loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def http_status(port: int, path: str = "/") -> int | None:
    """Return the status of a GET to a web server on this loopback port; None if none answers."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
