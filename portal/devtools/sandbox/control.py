"""Client for the sandbox's control plane, for tests and the demo."""

import json
import urllib.request
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, TypedDict, Unpack
from urllib.error import HTTPError

from portal.devtools.sandbox.control_genesys_cloud import GenesysCloudControl

_SECONDS: Final = 10
_BOUGHT: Final = "bought "


class GatewayChanges(TypedDict, total=False):
    """Arguments of `gateway_settings`."""

    secret: str
    secrets: dict[str, str]
    slow_seconds: float


class ControlError(Exception):
    """The sandbox refused a control request; the message is the reason."""


class Control:
    """Controls the sandbox at `url`, for example `http://127.0.0.1:8123`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # No proxies, even if the environment names one.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.genesys_cloud = GenesysCloudControl(lambda path, document: self._call("POST", path, document))

    def fault(self, name: str, **options: object) -> None:
        """Queue a fault. Options: times, skip, match, after_effect, status, rate, seed, and the fault's own."""
        self._call("POST", "faults", {"fault": name, **options})

    def faults(self) -> list[dict[str, Any]]:
        """Return the queued rules."""
        return self._list("faults")

    def catalogue(self) -> list[dict[str, Any]]:
        """Return all faults: name, sentence, status, after_effect, options."""
        return self._list("faults/catalogue")

    def clear(self) -> None:
        """Remove all queued faults."""
        self._call("DELETE", "faults")

    def reset(self) -> None:
        """Return to the initial state: nothing created or bought, no ledger in memory, no faults, no counts.

        Settings return to their initial values.
        """
        self._call("POST", "reset")

    def ledger(self, *, effects: bool = False, after: int = 0) -> list[dict[str, Any]]:
        """Return the ledger's lines: n, time, method, path, query, headers, body, status, effect, fault."""
        return self._list(f"ledger?after={after}&effects={int(effects)}")

    def stats(self) -> dict[str, Any]:
        """Return requests, effects, connections, connections_accepted, statuses, faults, cpu_seconds."""
        return dict(self._call("GET", "stats"))

    def settings(self, **changes: object) -> dict[str, Any]:
        """Change settings, if any are given, and return them all.

        `latency_ms`; for Nexus `api_key` (None: any key), `replace` ("refuse" or "accept" a second POST), `readable`
        (False: GET answers `unreadable_status`, 404 or 405); and objects for `gws`, `genesys_cloud` and `gateways`.
        """
        return dict(self._call("POST", "settings", changes))

    def gateways(self) -> list[dict[str, Any]]:
        """Return all customers' gateways: name, path, sentence, and what each does correctly."""
        return self._list("gateways")

    def gateway_settings(self, **changes: Unpack[GatewayChanges]) -> None:
        """Change the secret of all gateways, the secrets of some by name, or the delay of the slow one."""
        self.settings(gateways=changes)

    def bought(self) -> Counter[str]:
        """Return how often each toll-free number was bought, according to the ledger in memory."""
        return count_bought(self.ledger(effects=True))

    def _list(self, path: str) -> list[dict[str, Any]]:
        return list(self._call("GET", path))

    def _call(self, method: str, path: str, document: object = None) -> Any:
        data = None if document is None else json.dumps(document).encode()
        address = f"{self.url}/_sandbox/{path}"
        request = urllib.request.Request(address, data, method=method)  # noqa: S310 - our own sandbox's address
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise ControlError(_reason(error.read())) from error


def _reason(body: bytes) -> str:
    return str(json.loads(body)["status"]["message"])


def count_bought(lines: Iterable[dict[str, Any]]) -> Counter[str]:
    """Return how often each toll-free number was bought, according to these ledger lines."""
    effects = (str(line["effect"]) for line in lines if str(line["effect"]).startswith(_BOUGHT))
    return Counter(number for effect in effects for number in effect.removeprefix(_BOUGHT).split(", "))


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """Return the lines of a ledger file, oldest first."""
    return [json.loads(line) for line in path.read_text().splitlines()]
