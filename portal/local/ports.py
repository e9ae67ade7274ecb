"""Loopback ports: is one free, and which one to take instead."""

import http.client
import socket

LOOPBACK = "127.0.0.1"
REDIS_DEFAULT = 6379  # somebody's own Redis may live there, and nothing of ours may ever write into it


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    while True:
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            port = int(probe.getsockname()[1])
        if port != REDIS_DEFAULT:
            return port


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of loopback now; PermissionError for reserved ports."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # servers set it too: TIME_WAIT is not taken
        try:
            probe.bind((LOOPBACK, port))
            probe.listen()
        except PermissionError:
            raise
        except OSError:
            return False
    return True


def wanted_or_free(wanted: int | None) -> int:
    """The wanted port where it is free, else any free one; 0 and None want none in particular."""
    return wanted if wanted and is_free(wanted) else free_port()


def accepts(port: int) -> bool:
    """Whether somebody listens on this port of loopback."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def http_status(port: int, path: str = "/") -> int | None:
    """The status that a web server on this port of loopback answers to a GET, None as long as nobody does."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
