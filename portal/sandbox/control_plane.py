"""The control plane, under `/_sandbox/`: read the ledger and the counts, queue faults, change settings.

========  =====================  =================================================================
GET       ledger                 all lines; `?after=n` only later ones, `?effects=1` only effects
GET       stats                  requests, effects, connections, statuses, faults, CPU seconds
GET       faults                 the rules that still wait
POST      faults                 queue one rule or a list of them
PUT       faults                 the same, in place of all others
DELETE    faults                 forget all rules
GET       faults/catalogue       every fault: name, sentence, status, effect, options
GET POST  settings               `latency_ms` and `api_key` (null: any key)
POST      reset                  forget services, ledger memory, faults and counts
========  =====================  =================================================================
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from portal.sandbox.fault_queue import BadRuleError, read_rule
from portal.sandbox.faults import CATALOGUE, describe
from portal.sandbox.sandbox import Sandbox
from portal.sandbox.wire import Answer, Request, json_answer

PREFIX: Final = "/_sandbox/"
_DONE: Final = {"status": {"code": 0, "message": "ok"}}


def handle(sandbox: Sandbox, request: Request) -> Answer:
    """Answer one control request; nothing of it is written down."""
    handler = _HANDLERS.get((request.method, request.path.removeprefix(PREFIX)))
    if handler is None:
        return _error(404, "The control plane does not know this method and path.")
    try:
        return handler(sandbox, request)
    except (BadRuleError, TypeError, ValueError) as error:
        return _error(400, str(error))


def _error(status: int, message: str) -> Answer:
    return json_answer(status, {"status": {"code": status, "message": message}})


def _ledger(sandbox: Sandbox, request: Request) -> Answer:
    after = int(request.parameter("after") or 0)
    return Answer(200, sandbox.ledger.as_json(after=after, effects_only=request.parameter("effects") == "1"))


def _stats(sandbox: Sandbox, _request: Request) -> Answer:
    return json_answer(200, sandbox.stats())


def _faults(sandbox: Sandbox, _request: Request) -> Answer:
    return json_answer(200, sandbox.faults.describe())


def _queue_faults(sandbox: Sandbox, request: Request) -> Answer:
    given = request.json
    rules = [read_rule(each) for each in (given if isinstance(given, list) else [given])]
    if request.method == "PUT":
        sandbox.faults.clear()
    sandbox.faults.add(*rules)
    return _faults(sandbox, request)


def _clear_faults(sandbox: Sandbox, _request: Request) -> Answer:
    sandbox.faults.clear()
    return json_answer(200, _DONE)


def _catalogue(_sandbox: Sandbox, _request: Request) -> Answer:
    return json_answer(200, [describe(fault) for fault in CATALOGUE.values()])


def _settings(sandbox: Sandbox, _request: Request) -> Answer:
    settings = {"latency_ms": sandbox.latency * 1000, "any_api_key": sandbox.nexus.settings.api_key is None}
    return json_answer(200, settings)


def _change_settings(sandbox: Sandbox, request: Request) -> Answer:
    given = request.json
    if not isinstance(given, dict) or given.keys() - {"latency_ms", "api_key"}:
        raise ValueError("Settings are an object with latency_ms, api_key or both.")
    latency_ms, key = (
        given.get("latency_ms", sandbox.latency * 1000),
        given.get("api_key", sandbox.nexus.settings.api_key),
    )
    if isinstance(latency_ms, bool) or not isinstance(latency_ms, int | float) or latency_ms < 0:
        raise ValueError("latency_ms must be a number of at least 0.")
    if not isinstance(key, str | None):
        raise ValueError("api_key must be text or null.")  # noqa: TRY004 - one kind of error is answered
    sandbox.latency = latency_ms / 1000
    sandbox.nexus.settings = replace(sandbox.nexus.settings, api_key=key)
    return _settings(sandbox, request)


def _reset(sandbox: Sandbox, _request: Request) -> Answer:
    sandbox.reset()
    return json_answer(200, _DONE)


_HANDLERS: Final[dict[tuple[str, str], Callable[[Sandbox, Request], Answer]]] = {
    ("GET", "ledger"): _ledger,
    ("GET", "stats"): _stats,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _queue_faults,
    ("PUT", "faults"): _queue_faults,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "faults/catalogue"): _catalogue,
    ("GET", "settings"): _settings,
    ("POST", "settings"): _change_settings,
    ("POST", "reset"): _reset,
}
