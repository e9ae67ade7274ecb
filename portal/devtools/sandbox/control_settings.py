"""Settings document: the settings of the sandbox and of all its systems as one JSON object.

`latency_ms` applies to every answer; `api_key`, `replace`, `readable` and `unreadable_status` belong to Nexus (see
`NexusSettings`). `gws`, `genesys_cloud` and `gateways` are objects (see their `…Settings`). A change is all or nothing:
one invalid value rejects it.
"""

from dataclasses import asdict, dataclass, fields
from typing import Final

from portal.devtools.sandbox.gateways import GatewaySettings
from portal.devtools.sandbox.nexus import NexusSettings
from portal.devtools.sandbox.sandbox import Sandbox
from portal.devtools.sandbox.settings import changed, number, setting


@dataclass(frozen=True)
class General:
    """Settings that apply to all systems."""

    latency_ms: float = setting(0, number())


_NEXUS: Final = frozenset(each.name for each in fields(NexusSettings))
_SYSTEMS: Final = ("gws", "genesys_cloud", "gateways")


def shown(sandbox: Sandbox) -> dict[str, object]:
    """Return the settings without their secrets."""
    nexus = asdict(sandbox.nexus.settings)
    key = nexus.pop("api_key")
    return {
        "latency_ms": sandbox.latency * 1000,
        "any_api_key": key is None,
        **nexus,
        "gws": asdict(sandbox.gws.settings),
        "genesys_cloud": asdict(sandbox.genesys_cloud.state.settings),
        "gateways": _without_secrets(sandbox.gateways.settings),
    }


def change(sandbox: Sandbox, changes: object) -> None:
    """Check everything, then change everything. Raises `ValueError` with a message."""
    if not isinstance(changes, dict) or changes.keys() - {"latency_ms", *_NEXUS, *_SYSTEMS}:
        raise ValueError(f"Settings are an object with any of latency_ms, {', '.join([*sorted(_NEXUS), *_SYSTEMS])}.")
    old = sandbox.genesys_cloud.state.settings, sandbox.gws.settings, sandbox.gateways.settings
    general = changed(General(sandbox.latency * 1000), _part(changes, {"latency_ms"}))
    nexus = changed(sandbox.nexus.settings, _part(changes, _NEXUS))
    genesys_cloud = changed(old[0], changes.get("genesys_cloud", {}))
    gws = changed(old[1], changes.get("gws", {}))
    gateways = changed(old[2], changes.get("gateways", {}))
    sandbox.latency, sandbox.nexus.settings = general.latency_ms / 1000, nexus
    sandbox.genesys_cloud.state.settings, sandbox.gws.settings = genesys_cloud, gws
    sandbox.gateways.settings = gateways


def _part(changes: dict[str, object], names: frozenset[str] | set[str]) -> dict[str, object]:
    return {name: value for name, value in changes.items() if name in names}


def _without_secrets(settings: GatewaySettings) -> dict[str, object]:
    return {"slow_seconds": settings.slow_seconds, "secrets_of": sorted(settings.secrets or {})}
