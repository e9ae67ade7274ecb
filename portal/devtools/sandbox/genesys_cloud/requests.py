"""Request parsing of Genesys Cloud. Raises `ApiError` for invalid requests."""

from typing import Final

from portal.devtools.sandbox.genesys_cloud import pool
from portal.devtools.sandbox.genesys_cloud.errors import ApiError, particular, refuse
from portal.devtools.sandbox.http1 import NOT_JSON, Request

MOST_RESULTS: Final = 100
MOST_NUMBERS: Final = 50  # in one order [inferred]
_CHANGEABLE: Final = frozenset({"comment", "owner", "moUrl", "drUrl", "webhookUsername", "webhookPassword"})
_ORDERABLE: Final = frozenset({"comment", "emailAddress", "moUrl", "drUrl", "webhookUsername", "webhookPassword"})

Details = dict[str, object]


def number_of_results(request: Request) -> int:
    """Return the query parameter numberOfResults; 10 if it is missing."""
    given = request.parameter("numberOfResults") or "10"
    if not (given.isascii() and given.isdecimal() and 1 <= int(given) <= MOST_RESULTS):
        raise _invalid("numberOfResults", f"a whole number from 1 to {MOST_RESULTS}")
    return int(given)


def vanity(request: Request) -> str:
    """Return the query parameter vanity as digits; empty if it is missing."""
    given = request.parameter("vanity")
    digits = pool.digits(given) if given else ""
    if digits is None:
        raise _invalid("vanity", "4 to 7 letters or digits")
    return digits


def numbers_to_buy(request: Request) -> dict[str, Details]:
    """Return the numbers in the body, each with its details."""
    body = _json(request)
    if not isinstance(body, list) or not 1 <= len(body) <= MOST_NUMBERS:
        raise _invalid("the body", f"a list of 1 to {MOST_NUMBERS} numbers")
    wanted = dict(_number_to_buy(each) for each in body)
    if len(wanted) < len(body):
        raise _invalid("tollfreeNumber", "named once in an order")
    return wanted


def _number_to_buy(item: object) -> tuple[str, Details]:
    if not isinstance(item, dict):
        raise _invalid("each item of the body", "an object")
    details = {name: value for name, value in item.items() if name != "tollfreeNumber"}
    _check(details, _ORDERABLE)
    email = details.get("emailAddress", "nobody@example.com")
    if "@" not in str(email) or any(character.isspace() for character in str(email)):
        raise _invalid("emailAddress", "an e-mail address")
    number = item.get("tollfreeNumber")
    if not isinstance(number, str) or not pool.NUMBER.fullmatch(number):
        raise _invalid("tollfreeNumber", "a toll-free number in international format, for example 18445551212")
    return number, details


def changes(request: Request) -> Details:
    """Return the body of a PATCH."""
    body = _json(request)
    if not isinstance(body, dict) or not body:
        raise _invalid("the body", "an object that is not empty")
    _check(body, _CHANGEABLE)
    return body


def _check(details: Details, known: frozenset[str]) -> None:
    if unknown := sorted(details.keys() - known):
        raise _invalid(unknown[0][:100], f"left out: known are {', '.join(sorted(known))}")
    for name, value in details.items():
        if not isinstance(value, str):
            raise _invalid(name, "text")


def _json(request: Request) -> object:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise refuse(415)
    if request.json is NOT_JSON:
        raise refuse(400)
    return request.json


def _invalid(name: str, wanted: str) -> ApiError:
    return particular(400, "invalid.value", "{name} must be {wanted}.", name=name, wanted=wanted)
