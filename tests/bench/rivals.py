"""What the portal is measured against: the same POSTs without a queue, a database or a history.

Each takes the contact centre ids and the address of Nexus, and returns the seconds that it took.
"""

import json
import shlex
import subprocess
import sys
import time
from pathlib import Path

from tests.support.files import PROJECT

API_KEY = "a key that the sandbox takes"
#: The two services of a Kaleyra set-up, as the product guide has them.
BODIES: dict[str, dict[str, object]] = {
    "SMS": {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}},
    "mGageSMS": {
        "url": "http://directtext.mgage.com",
        "data": {},
        "secret": {"username": "somebody", "password": "something"},
    },
}
_CURL = "curl --silent --show-error --fail --output /dev/null --request POST --header Content-Type:application/json"


def service_url(nexus_url: str, ccid: str, service: str) -> str:
    """Return where a service of a contact centre is created."""
    return f"{nexus_url}/nexus/v3/provisioning/services/{ccid}/{service}"


def curl_loop(nexus_url: str, ccids: list[str], folder: Path) -> float:
    """A bash script with one curl after the other, as in the guide."""
    script = folder / "loop.sh"
    calls = [f"{_CURL} {arguments}" for arguments in _arguments(nexus_url, ccids)]
    script.write_text("\n".join(["set -e", *calls]))
    return _timed(["bash", str(script)])


def curl_xargs(nexus_url: str, ccids: list[str], folder: Path) -> float:
    """The same curls, sixteen at a time."""
    calls = folder / "calls.txt"
    calls.write_text("\n".join(_arguments(nexus_url, ccids)) + "\n")
    return _timed(["xargs", "-a", str(calls), "-P16", "-L1", *shlex.split(_CURL)])


def _arguments(nexus_url: str, ccids: list[str]) -> list[str]:
    """The rest of each curl command, quoted for bash; xargs reads these quotes too."""
    return [
        shlex.join([*_headers(ccid), "--data", json.dumps(body), service_url(nexus_url, ccid, service)])
        for ccid in ccids
        for service, body in BODIES.items()
    ]


def _headers(ccid: str) -> list[str]:
    return ["--header", f"x-api-key: {API_KEY}", "--header", f"x-ccid: {ccid}"]


def _timed(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - started


def bare_pool(nexus_url: str, ccids: list[str], slots: int) -> float:
    """A ThreadPoolExecutor and plain `requests`, in a process of its own whose imports are not counted."""
    command = [sys.executable, "-m", "tests.bench.bare_pool", nexus_url, str(slots)]
    given = "\n".join(ccids)
    done = subprocess.run(command, input=given, stdout=subprocess.PIPE, text=True, check=True, cwd=PROJECT)
    return float(done.stdout)
