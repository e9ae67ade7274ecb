"""API routes of Genesys Cloud: authentication, permissions, and the effect of each request."""

import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final, NamedTuple
from urllib.parse import quote

from portal.devtools.sandbox.genesys_cloud import requests
from portal.devtools.sandbox.genesys_cloud.clients import ADD, DELETE, EDIT, VIEW, Client
from portal.devtools.sandbox.genesys_cloud.errors import ApiError, particular, refuse, too_many
from portal.devtools.sandbox.genesys_cloud.inventory import BASE, Owned
from portal.devtools.sandbox.genesys_cloud.state import State
from portal.devtools.sandbox.http1 import Answer, Request, json_answer
from portal.devtools.sandbox.systems import Outcome


class Call(NamedTuple):
    """A request by an authorised client; `argument` is the variable part of the path."""

    state: State
    client: Client
    request: Request
    argument: str


class Action(NamedTuple):
    """The handler of a method, and the permission that it needs."""

    permission: str
    run: Callable[[Call], Outcome]


def handle(state: State, request: Request, path: str) -> Outcome:
    """Answer one request; `path` is without the host prefix."""
    if path.startswith(BASE) and path.endswith("/"):
        return Outcome(_without_slash(request))
    try:
        actions, argument = _route(path)
        client, permissions = _caller(state, request)
        action = actions.get(request.method)
        if action is None:
            raise refuse(405, headers=(("Allow", ", ".join(actions)),))
        if action.permission not in permissions:
            raise _missing(action.permission)
        return action.run(Call(state, client, request, argument))
    except ApiError as error:
        return Outcome(error.answer)


def _without_slash(request: Request) -> Answer:
    query = f"?{request.query}" if request.query else ""
    return Answer(301, b"", (("Location", quote(request.path.rstrip("/")) + query),))


def _route(path: str) -> tuple[Mapping[str, Action], str]:
    for pattern, actions in _ROUTES:
        if match := pattern.fullmatch(path):
            return actions, "".join(match.groups())
    raise refuse(404)


def _caller(state: State, request: Request) -> tuple[Client, frozenset[str]]:
    """Return the client of the token and its effective permissions."""
    if "authorization" not in request.headers:
        message = "No authentication bearer token specified in authorization header."
        raise particular(401, "authentication.required", message)
    token = state.tokens.find(request)
    client = state.clients.get(token.holder.client_id) if token else None
    if token is None or client is None:
        raise refuse(401)
    if token.expired:
        raise particular(401, "credentials.expired", "The supplied credentials are expired and cannot be used.")
    settings = state.settings
    wait = state.windows.wait(request.headers["authorization"], settings.rate_limit, settings.rate_window_seconds)
    if wait is not None:
        raise ApiError(too_many(settings.rate_limit or 0, settings.rate_window_seconds, wait))
    # A revoked permission is gone at once; a granted one needs a new token.
    return client, token.holder.permissions & client.permissions


def _missing(permission: str) -> ApiError:
    message = "Unable to perform the requested action. You are missing the following permission(s): [{permissions}]"
    return particular(403, "missing.permissions", message, permissions=permission)


def _list(call: Call) -> Outcome:
    settings = call.state.settings
    seen = call.state.inventory.seen_by(call.client, settings)
    return Outcome(json_answer(200, {"entities": [each.shown(settings) for each in seen]}))


def _available(call: Call) -> Outcome:
    wanted, ending = requests.number_of_results(call.request), requests.vanity(call.request)
    found = islice(call.state.inventory.available(call.state.settings, ending), wanted)
    return Outcome(json_answer(200, {"entities": list(found)}))


def _buy(call: Call) -> Outcome:
    wanted = requests.numbers_to_buy(call.request)
    for number in wanted:
        _check_free(call, number)
    order = call.state.inventory.buy(call.client, wanted)
    shown = call.state.inventory.shown(order, call.state.settings)
    return Outcome(json_answer(200, shown), f"bought {', '.join(wanted)}")


def _check_free(call: Call, number: str) -> None:
    """Refuse the whole order if one number is unavailable."""
    settings, inventory = call.state.settings, call.state.inventory
    again = settings.repeat == "accept" and inventory.find(number, call.client, settings)
    if not again and not inventory.is_free(number):
        message = "The number [{number}] is not available for provisioning."
        raise particular(settings.gone_status, "number.not.available", message, number=number)


def _show_order(call: Call) -> Outcome:
    order = call.state.inventory.order(call.argument, call.client, call.state.settings)
    if order is None:
        raise refuse(404)
    return Outcome(json_answer(200, call.state.inventory.shown(order, call.state.settings)))


def _change(call: Call) -> Outcome:
    owned = _own(call)
    owned.change(requests.changes(call.request))
    return Outcome(json_answer(200, owned.shown(call.state.settings)), f"changed {owned.number}")


def _release(call: Call) -> Outcome:
    owned = _own(call)
    call.state.inventory.give_back(owned.number)
    return Outcome(Answer(204), f"released {owned.number}")


def _own(call: Call) -> Owned:
    owned = call.state.inventory.find(call.argument, call.client, call.state.settings)
    if owned is None:
        raise refuse(404)
    return owned


_ROUTES: Final[tuple[tuple[re.Pattern[str], Mapping[str, Action]], ...]] = (
    (re.compile(f"{BASE}/tollfreenumbers"), {"GET": Action(VIEW, _list), "POST": Action(ADD, _buy)}),
    (re.compile(f"{BASE}/tollfreenumbers/available"), {"GET": Action(VIEW, _available)}),
    (
        re.compile(f"{BASE}/tollfreenumbers/([0-9]+)"),
        {"PATCH": Action(EDIT, _change), "DELETE": Action(DELETE, _release)},
    ),
    (re.compile(f"{BASE}/orders/([^/]+)"), {"GET": Action(VIEW, _show_order)}),
)
