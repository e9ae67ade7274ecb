"""A script as one would write it: `python -m tests.bench.bare_pool NEXUS_URL SLOTS`, contact centre ids on stdin.

One `requests.Session` for each thread; prints the seconds from the first POST to the last answer.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.bench.rivals import API_KEY, BODIES, service_url

_here = threading.local()


def _open_session() -> None:
    _here.session = requests.Session()


def _set_up(nexus_url: str, ccid: str) -> None:
    for service, body in BODIES.items():
        answer = _here.session.post(
            service_url(nexus_url, ccid, service),
            json=body,
            headers={"x-api-key": API_KEY, "x-ccid": ccid},
            timeout=30,
        )
        answer.raise_for_status()


def main() -> None:
    """Set up all of them."""
    nexus_url, slots = sys.argv[1], int(sys.argv[2])
    ccids = sys.stdin.read().split()
    started = time.perf_counter()
    with ThreadPoolExecutor(slots, initializer=_open_session) as pool:
        for done in [pool.submit(_set_up, nexus_url, ccid) for ccid in ccids]:
            done.result()
    sys.stdout.write(f"{time.perf_counter() - started}\n")


if __name__ == "__main__":
    main()
