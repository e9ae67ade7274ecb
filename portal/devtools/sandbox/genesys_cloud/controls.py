"""Controls of Genesys Cloud for tests: create clients, take numbers away, forget orders, and inspect the state.

Each control takes a JSON object and returns JSON. Raises `ValueError` if a member is missing or invalid.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from portal.devtools.sandbox.genesys_cloud import clients, pool
from portal.devtools.sandbox.genesys_cloud.clients import ALL, Client
from portal.devtools.sandbox.genesys_cloud.inventory import Order, Owned
from portal.devtools.sandbox.genesys_cloud.state import State

Given = Mapping[str, Any]


def _create_client(state: State, given: Given) -> object:
    permissions = given.get("permissions")
    client = clients.create(
        _text(given, "client_id", None),
        _text(given, "secret", None),
        None if permissions is None else _permissions(permissions),
        _text(given, "organization", None),
    )
    state.add(client)
    return client.shown()


def _clients(state: State, _given: Given) -> object:
    return [client.shown() for client in state.clients.values()]


def _delete_client(state: State, given: Given) -> object:
    return state.clients.pop(_client(state, given).client_id).shown()


def _grant(state: State, given: Given) -> object:
    client = _client(state, given)
    client.permissions |= _permissions(given.get("permissions"))
    return client.shown()


def _revoke(state: State, given: Given) -> object:
    client = _client(state, given)
    client.permissions -= _permissions(given.get("permissions"))
    return client.shown()


def _expire_tokens(state: State, given: Given) -> object:
    client_id = _text(given, "client_id", None)
    return {"expired": state.tokens.forget(lambda grant: client_id in (None, grant.client_id))}


def _numbers(state: State, _given: Given) -> object:
    return [_owned(state, each) for each in state.inventory.owned.values()]


def _put_number(state: State, given: Given) -> object:
    """Give a client a number without a purchase."""
    details = {"comment": given["comment"]} if "comment" in given else {}
    owned = Owned(_number(given), _client(state, given), None, dict(details))
    state.inventory.owned[owned.number] = owned
    return _owned(state, owned)


def _lose_number(state: State, given: Given) -> object:
    state.inventory.give_back(_number(given))
    return {"gone": _number(given)}


def _take(state: State, given: Given) -> object:
    """Let somebody else have bought a number."""
    state.inventory.gone.add(_number(given))
    return {"gone": _number(given)}


def _free(state: State, given: Given) -> object:
    state.inventory.gone.discard(_number(given))
    return {"free": _number(given)}


def _offer(state: State, given: Given) -> object:
    numbers = given.get("numbers")
    if not isinstance(numbers, list):
        raise ValueError("numbers must be a list.")  # noqa: TRY004 - the control plane answers only ValueError's message
    state.inventory.offered = [_number({"number": each}) for each in numbers]
    return {"offered": state.inventory.offered}


def _orders(state: State, _given: Given) -> object:
    return [_order_shown(state, order) for order in state.inventory.orders.values()]


def _set_order(state: State, given: Given) -> object:
    """Fix an order's status word; null lets it progress again."""
    order = _order(state, given)
    order.word = _text(given, "word", None)
    return _order_shown(state, order)


def _forget_order(state: State, given: Given) -> object:
    """Make an order unknown; its numbers stay with the client."""
    return _order_shown(state, state.inventory.orders.pop(_order(state, given).identity))


# Parsing


def _text(given: Given, name: str, default: str | None = "") -> str | None:
    value = given.get(name, default)
    if value is not None and (not isinstance(value, str) or not value):
        raise ValueError(f"{name} must be text that is not empty.")
    return value


def _client(state: State, given: Given) -> Client:
    client = state.clients.get(_text(given, "client_id", clients.DEMO_CLIENT_ID) or "")
    if client is None:
        raise ValueError("There is no client of this id.")
    return client


def _permissions(value: object) -> set[str]:
    if not isinstance(value, list) or set(value) - set(ALL):
        raise ValueError(f"permissions must be a list of any of {', '.join(ALL)}.")
    return set(value)


def _number(given: Given) -> str:
    number = given.get("number")
    if not isinstance(number, str) or not pool.NUMBER.fullmatch(number):
        raise ValueError("number must be a toll-free number such as 18445551212.")
    return number


def _order(state: State, given: Given) -> Order:
    order = state.inventory.orders.get(_text(given, "order_id") or "")
    if order is None:
        raise ValueError("There is no order of this id.")
    return order


# Output


def _owned(state: State, owned: Owned) -> dict[str, object]:
    order = owned.order.identity if owned.order else None
    return {**owned.shown(state.settings), "client_id": owned.client.client_id, "order_id": order}


def _order_shown(state: State, order: Order) -> dict[str, object]:
    return {**state.inventory.shown(order, state.settings), "client_id": order.client.client_id}


def _checked(run: Callable[[State, Given], object]) -> Callable[[State, object], object]:
    def checked(state: State, given: object) -> object:
        if not isinstance(given, dict):
            raise ValueError("A control takes a JSON object.")  # noqa: TRY004 - the control plane answers only ValueError's message
        return run(state, given)

    return checked


CONTROLS: Final[Mapping[str, Callable[[State, object], object]]] = {
    name: _checked(run)
    for name, run in {
        "create_client": _create_client,
        "clients": _clients,
        "delete_client": _delete_client,
        "grant": _grant,
        "revoke": _revoke,
        "expire_tokens": _expire_tokens,
        "numbers": _numbers,
        "put_number": _put_number,
        "lose_number": _lose_number,
        "take": _take,
        "free": _free,
        "offer": _offer,
        "orders": _orders,
        "set_order": _set_order,
        "forget_order": _forget_order,
    }.items()
}
