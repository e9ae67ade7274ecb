"""Fault queue: rules that decide which fault a request gets, applied in the order in which they were queued."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from portal.devtools.sandbox.faults import CATALOGUE, HONEST, Fault
from portal.devtools.sandbox.http1 import Answer, Request
from portal.devtools.sandbox.response_plan import Case, Option, Refusal

FOR_EVER: Final = -1
_MEMBERS: Final = frozenset({"fault", "times", "skip", "match", "after_effect", "status", "rate", "seed"})


class BadRuleError(Exception):
    """A rule is invalid; the message says why."""


@dataclass
class Rule:
    """A fault, which requests it applies to, and how often. `skip` lets that many matching requests pass first."""

    fault: Fault
    times: int
    skip: int
    method: str
    path_contains: str
    after_effect: bool
    status: int | None
    rate: float
    options: Mapping[str, Option]
    dice: random.Random = field(repr=False)

    def hits(self, request: Request) -> bool:
        """Return whether this request gets the fault, and count it if so."""
        if self.method not in ("", request.method) or self.path_contains not in request.path:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.rate < 1 and self.dice.random() >= self.rate:
            return False
        self.times -= self.times > 0
        return True

    def case(self, request: Request, honest: Answer, refusal: Refusal) -> Case:
        """Return the input for the fault's response plan."""
        return Case(request, honest, self.status or honest.status, self.options, refusal)

    def answered(self, honest: Answer) -> int | None:
        """Return the status for the ledger; None if no status line is sent."""
        return honest.status if self.status == HONEST else self.status


class FaultQueue:
    """All rules that are still to be applied."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, *rules: Rule) -> None:
        """Queue rules after the others."""
        self._rules.extend(rules)

    def clear(self) -> None:
        """Remove all rules."""
        self._rules.clear()

    def choose(self, request: Request) -> Rule | None:
        """Return the first rule that applies; a rule that has been used up is removed."""
        for rule in self._rules:
            if rule.hits(request):
                self._rules = [each for each in self._rules if each.times != 0]
                return rule
        return None

    def describe(self) -> list[dict[str, object]]:
        """Return the queued rules as JSON values."""
        return [{"fault": r.fault.name, "times": r.times, "skip": r.skip, "rate": r.rate} for r in self._rules]


def read_rule(document: object) -> Rule:
    """Return a rule from its JSON. Raises `BadRuleError`."""
    if not isinstance(document, dict):
        raise BadRuleError("A fault must be a JSON object with the member fault.")
    fault = CATALOGUE.get(str(document.get("fault")))
    if fault is None:
        raise BadRuleError("There is no such fault: see GET /_sandbox/faults/catalogue.")
    try:
        return _rule(fault, document)
    except (TypeError, ValueError, AttributeError) as error:
        raise BadRuleError(f"A member has the wrong type: {error}.") from error


def _rule(fault: Fault, document: Mapping[str, object]) -> Rule:
    match = _match(document.get("match"))
    rate = _number(document.get("rate", 1.0))
    times = _count(document.get("times", 1 if rate >= 1 else FOR_EVER), least=FOR_EVER)
    if times == 0:
        raise BadRuleError("times is -1 (for ever) or at least 1.")
    after_effect = document.get("after_effect")
    return Rule(
        fault=fault,
        times=times,
        skip=_count(document.get("skip", 0)),
        method=match.get("method", "").upper(),
        path_contains=match.get("path_contains", ""),
        after_effect=fault.effect if after_effect is None else bool(after_effect),
        status=_count(document["status"], least=100) if "status" in document else fault.status,
        rate=rate,
        options=_options(fault, document),
        dice=random.Random(_count(document.get("seed", 0))),  # noqa: S311 - it must be repeatable
    )


def _match(value: object) -> dict[str, str]:
    match = value or {}
    if not isinstance(match, dict) or match.keys() - {"method", "path_contains"}:
        raise BadRuleError("match knows method and path_contains.")
    return {name: str(inner) for name, inner in match.items()}


def _options(fault: Fault, document: Mapping[str, object]) -> dict[str, Option]:
    given = {name: value for name, value in document.items() if name not in _MEMBERS}
    if unknown := sorted(given.keys() - fault.options.keys()):
        raise BadRuleError(f"{fault.name} has no option {', '.join(unknown)}.")
    return {
        name: _number(given.get(name, default)) if isinstance(default, int | float) else str(given.get(name, default))
        for name, default in fault.options.items()
    }


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError("a number is wanted")
    return float(value)


def _count(value: object, *, least: int = 0) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise TypeError(f"a whole number of at least {least} is wanted")
    return value
