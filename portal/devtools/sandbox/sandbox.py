"""Sandbox state (systems, ledger, faults, settings and counts), and the router that selects a system by its path.

A new system is one module and one line in the constructor of `Sandbox`.
"""

import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from portal.devtools.sandbox import gateway_catalogue, gws, nexus
from portal.devtools.sandbox.fault_queue import FaultQueue, Rule
from portal.devtools.sandbox.gateways import Gateways
from portal.devtools.sandbox.genesys_cloud import system as genesys_cloud
from portal.devtools.sandbox.genesys_cloud.system import GenesysCloud
from portal.devtools.sandbox.gws import Gws
from portal.devtools.sandbox.http1 import Answer, Request, write
from portal.devtools.sandbox.ledger import Ledger
from portal.devtools.sandbox.nexus import Nexus
from portal.devtools.sandbox.nexus_forms import refusal, success
from portal.devtools.sandbox.response_plan import Script
from portal.devtools.sandbox.systems import Outcome, System


@dataclass
class Counts:
    """Counts since the start or the last reset, without control requests."""

    requests: int = 0
    effects: int = 0
    connections: int = 0  # those that carried a request
    connections_accepted: int = 0  # all, including those of the control plane
    statuses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


class Router:
    """Passes each request to a system by path prefix; the last system gets everything else."""

    def __init__(self, *systems: tuple[str, System]) -> None:
        self._systems = systems

    def system(self, request: Request) -> System:
        """Return the system of a path."""
        for prefix, system in self._systems:
            if request.path.startswith(prefix):
                return system
        return self._systems[-1][1]

    def handle(self, request: Request) -> Outcome:
        """Let the system answer."""
        return self.system(request).handle(request)


class NoSystem:
    """Answers 404 in Nexus' format, for lack of one of its own."""

    def handle(self, request: Request) -> Outcome:  # noqa: ARG002 - part of the System protocol
        """Answer 404."""
        return Outcome(refusal(404, "The sandbox plays no system at this path."))

    def refusal(self, request: Request, status: int, message: str) -> Answer:  # noqa: ARG002 - the same
        """Refuse in Nexus' format."""
        return refusal(status, message)

    def fake_success(self, request: Request) -> Answer:  # noqa: ARG002 - the same
        """Answer a success in Nexus' format."""
        return success(201, {})

    def forget(self) -> None:
        """Do nothing, because there is no state."""


class Sandbox:
    """All state. It needs no locks, because everything runs in one event loop."""

    def __init__(self, *, ledger: Path | None = None, latency_ms: float = 0, api_key: str | None = None) -> None:
        self._given_latency = self.latency = latency_ms / 1000
        self.gws = Gws()
        self.nexus = Nexus(self.gws.tokens, api_key)
        self.ledger = Ledger(ledger)
        self.faults = FaultQueue()
        self.counts = Counts()
        self.genesys_cloud = GenesysCloud()
        self.gateways = Gateways()
        self._systems = (self.nexus, self.gws, self.genesys_cloud, self.gateways)
        self._router = Router(
            (nexus.PREFIX, self.nexus),  # first, because it must answer fast
            *((prefix, self.genesys_cloud) for prefix in genesys_cloud.PREFIXES),
            (gws.PREFIX, self.gws),
            (gateway_catalogue.PREFIX, self.gateways),
            ("", NoSystem()),
        )

    def answer(self, request: Request, rule: Rule | None) -> Script:
        """Process the request, record it, and return the response plan."""
        return self._honestly(request) if rule is None else self._badly(request, rule)

    def _honestly(self, request: Request) -> Script:
        outcome = self._router.handle(request)
        self.write_down(request, None if outcome.silent else outcome.answer.status, outcome.effect)
        if outcome.script is not None:
            return outcome.script
        raw = write(outcome.answer)
        if request.method == "HEAD":  # no body for HEAD, which would be read as the start of the next answer
            raw = raw[: len(raw) - len(outcome.answer.body)]
        return iter((raw,))

    def _badly(self, request: Request, rule: Rule) -> Script:
        # Without the effect there is no honest answer, so an invented success is corrupted instead.
        system = self._router.system(request)
        outcome = system.handle(request) if rule.after_effect else Outcome(system.fake_success(request))
        self.write_down(request, rule.answered(outcome.answer), outcome.effect, rule.fault.name)
        return rule.fault.write(rule.case(request, outcome.answer, system.refusal))

    def write_down(self, request: Request, status: int | None, effect: str | None, fault: str | None = None) -> None:
        """Record a request in the ledger and the counts, before anything is sent."""
        self.ledger.record(request, status=status, effect=effect, fault=fault)
        self.counts.requests += 1
        self.counts.effects += effect is not None
        self.counts.statuses[str(status or "none")] += 1
        if fault:
            self.counts.faults[fault] += 1

    def reset(self) -> None:
        """Return to the initial state: reset the systems, clear the lines in memory, the faults and the counts.

        The initial `latency_ms` and `api_key` apply again. The ledger's file is kept.
        """
        self.latency = self._given_latency
        for system in self._systems:
            system.forget()
        self.ledger.forget()
        self.faults.clear()
        self.counts = Counts()

    def stats(self) -> dict[str, object]:
        """Return the counts as JSON values, with this process's CPU time in seconds."""
        counts = self.counts
        return {
            "requests": counts.requests,
            "effects": counts.effects,
            "connections": counts.connections,
            "connections_accepted": counts.connections_accepted,
            "statuses": dict(counts.statuses),
            "faults": dict(counts.faults),
            "cpu_seconds": time.process_time(),
        }
