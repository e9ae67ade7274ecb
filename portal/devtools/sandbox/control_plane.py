"""Control plane under `/_sandbox/`: reads the ledger and the counts, queues faults, changes settings.

========  =====================  =================================================================
GET       ledger                 all lines; `?after=n` only later ones, `?effects=1` only effects
GET       stats                  requests, effects, connections, statuses, faults, CPU seconds
GET       faults                 the queued rules
POST      faults                 queue one rule or a list of them
PUT       faults                 the same, replacing all others
DELETE    faults                 remove all rules
GET       faults/catalogue       every fault: name, sentence, status, effect, options
GET POST  settings               of the sandbox, of Nexus and, by name, of the other systems
GET       gateways               every gateway: name, path, sentence, what it does correctly
POST      genesys_cloud/{name}   clients, permissions, numbers, orders: a JSON object in, JSON out
POST      reset                  reset the systems' state and settings, ledger memory, faults and counts
========  =====================  =================================================================
"""

from collections.abc import Callable
from typing import Final

from portal.devtools.sandbox import control_settings
from portal.devtools.sandbox.fault_queue import BadRuleError, read_rule
from portal.devtools.sandbox.faults import CATALOGUE, describe
from portal.devtools.sandbox.gateway_catalogue import CATALOGUE as GATEWAYS
from portal.devtools.sandbox.genesys_cloud.controls import CONTROLS
from portal.devtools.sandbox.http1 import Answer, Request, json_answer
from portal.devtools.sandbox.sandbox import Sandbox

PREFIX: Final = "/_sandbox/"
_DONE: Final = {"status": {"code": 0, "message": "ok"}}


def handle(sandbox: Sandbox, request: Request) -> Answer:
    """Answer one control request, which is not recorded in the ledger."""
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
    return json_answer(200, control_settings.shown(sandbox))


def _change_settings(sandbox: Sandbox, request: Request) -> Answer:
    control_settings.change(sandbox, request.json)
    return _settings(sandbox, request)


def _gateways(_sandbox: Sandbox, _request: Request) -> Answer:
    return json_answer(200, [gateway.shown() for gateway in GATEWAYS.values()])


def _genesys_cloud(name: str) -> Callable[[Sandbox, Request], Answer]:
    """Return the handler of a Genesys Cloud control: JSON in, JSON out."""
    run = CONTROLS[name]
    return lambda sandbox, request: json_answer(200, run(sandbox.genesys_cloud.state, request.json))


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
    ("GET", "gateways"): _gateways,
    **{("POST", f"genesys_cloud/{name}"): _genesys_cloud(name) for name in CONTROLS},
}
