"""The client of the control plane, for tests and the demo."""

import json
import urllib.request
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError

_SECONDS: Final = 10


class ControlError(Exception):
    """The sandbox refused a control request; the message is its reason."""


class Control:
    """Steers the sandbox at `url`, for example `http://127.0.0.1:8123`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # No proxies: a proxy variable in the environment must not lead a test astray.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def fault(self, name: str, **options: object) -> None:
        """Queue a fault; options: times, skip, match, after_effect, status, rate, seed, and its own."""
        self._call("POST", "faults", {"fault": name, **options})

    def faults(self) -> list[dict[str, Any]]:
        """The rules that still wait."""
        return self._list("faults")

    def catalogue(self) -> list[dict[str, Any]]:
        """All faults there are: name, sentence, status, after_effect, options."""
        return self._list("faults/catalogue")

    def clear(self) -> None:
        """Forget all queued faults."""
        self._call("DELETE", "faults")

    def reset(self) -> None:
        """A fresh start: no services, no ledger in memory, no faults, no counts."""
        self._call("POST", "reset")

    def ledger(self, *, effects: bool = False, after: int = 0) -> list[dict[str, Any]]:
        """The lines of the ledger: n, time, method, path, query, headers, body, status, effect, fault."""
        return self._list(f"ledger?after={after}&effects={int(effects)}")

    def stats(self) -> dict[str, Any]:
        """Requests, effects, connections, connections_accepted, statuses, faults, cpu_seconds."""
        return dict(self._call("GET", "stats"))

    def settings(self, **changes: object) -> dict[str, Any]:
        """Change latency_ms or api_key (None: any key), or neither; the settings afterwards."""
        return dict(self._call("POST", "settings", changes))

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


def read_ledger(path: Path) -> list[dict[str, Any]]:
    """The lines of a ledger file, oldest first."""
    return [json.loads(line) for line in path.read_text().splitlines()]
