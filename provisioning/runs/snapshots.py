"""Snapshots of service definitions, and the differences between two of them.

A snapshot is the request body with `$names` in place of secrets, plus the fingerprint of each secret. It shows whether
a password changed without revealing it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.http_client.messages import Body, Secret
from portal.http_client.rendering import fill, mark
from provisioning.models import Service

Snapshot = dict[str, Any]


@dataclass(frozen=True)
class Difference:
    """One value before and after, as shown to people."""

    name: str
    before: str
    after: str


def snapshot(body: Body, fingerprints: Mapping[str, str]) -> Snapshot:
    """Return the snapshot of a body, given the fingerprint of each secret by name."""
    names: set[str] = set()

    def note(secret: Secret) -> str:
        names.add(secret.name)
        return mark(secret)

    filled = fill(body, note)
    return {"body": filled, "secrets": {name: fingerprints.get(name, "") for name in sorted(names)}}


def differences(service: Service, after: Snapshot) -> list[Difference]:
    """Return how `after` differs from the snapshot that Nexus is assumed to hold; every value if that is unknown."""
    presumed = service.presumed
    before = dict(_leaves(presumed))
    now = dict(_leaves(after))
    names = [*now, *(name for name in before if name not in now)]
    return [
        Difference(name, before.get(name, "nothing" if presumed else "not known"), now.get(name, "nothing"))
        for name in names
        if before.get(name) != now.get(name)
    ]


def _leaves(taken: Snapshot) -> Iterator[tuple[str, str]]:
    yield from _walk("", taken.get("body", {}))
    for name, fingerprint in taken.get("secrets", {}).items():
        yield f"${name}", f"fingerprint {fingerprint}"


def _walk(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(f"{path}.{name}" if path else str(name), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _walk(f"{path}[{number}]", inner)
    else:
        yield path, str(value)
