"""Body schemas of Nexus services, as the product guide gives them.

A schema is one of: a dict (exactly these members), a one-element list (a non-empty list of that schema), a set of
strings (one of these), `TEXT` (a non-empty string), `URL` (an http or https URL), or `Either` of several schemas.
"""

from typing import Final, NamedTuple
from urllib.parse import urlsplit

TEXT: Final = "text"
URL: Final = "URL"


class Either(NamedTuple):
    """Any one of several schemas matches."""

    shapes: tuple[object, ...]


SHAPES: Final[dict[str, dict[str, object]]] = {
    "SMS": {
        "url": {"N/A"},
        "data": Either(({"provider": {"mGage", "Async"}}, {"tokenProvider": {"Purecloud"}})),
        "secret": {},
    },
    "mGageSMS": {"url": URL, "data": {}, "secret": {"username": TEXT, "password": TEXT}},
    "Async": {
        "data": {"channels": [{"channelId": TEXT, "webhook": {"url": URL}}]},
        "secret": {"channels": [{"channelId": TEXT, "webhook": {"secret": TEXT}, "api": {"secret": TEXT}}]},
    },
    "PurecloudIDP": {"url": URL, "data": {}, "secret": {"clientId": TEXT, "clientSecret": TEXT}},
    "PorticoSMS": {"url": URL, "data": {}, "secret": {}},
}


def complaint(service: str, body: object) -> str:
    """Return what is wrong with the body of this service, without quoting values; empty if it is valid."""
    found = _complaint(body, SHAPES[service], "the body")
    if not found and isinstance(body, dict) and service == "Async":
        return _channels_complaint(body)
    return found


def _complaint(value: object, shape: object, where: str) -> str:
    if isinstance(shape, dict):
        return _members_complaint(value, shape, where)
    if isinstance(shape, list):
        return _items_complaint(value, shape[0], where)
    if isinstance(shape, Either):
        complaints = [_complaint(value, each, where) for each in shape.shapes]
        return "" if "" in complaints else complaints[0]
    if isinstance(shape, set):
        right = isinstance(value, str) and value in shape
        return "" if right else f"{where} must be {' or '.join(sorted(shape))}"
    return _text_complaint(value, where, is_url=shape == URL)


def _members_complaint(value: object, shape: dict[str, object], where: str) -> str:
    if not isinstance(value, dict):
        return f"{where} must be a JSON object"
    if missing := sorted(shape.keys() - value.keys()):
        return f"{where} lacks {', '.join(missing)}"
    if value.keys() - shape.keys():
        return f"{where} has members that do not belong there"
    complaints = (_complaint(value[name], inner, f"{where}.{name}") for name, inner in shape.items())
    return next(filter(None, complaints), "")


def _items_complaint(value: object, shape: object, where: str) -> str:
    if not isinstance(value, list) or not value:
        return f"{where} must be a list that is not empty"
    complaints = (_complaint(item, shape, f"{where}[{index}]") for index, item in enumerate(value))
    return next(filter(None, complaints), "")


def _text_complaint(value: object, where: str, *, is_url: bool) -> str:
    if not isinstance(value, str) or not value.strip():
        return f"{where} must be text that is not empty"
    return f"{where} must be an http or https URL" if is_url and not _is_url(value) else ""


def _is_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:  # an incomplete IPv6 address
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _channels_complaint(body: dict[str, dict[str, list[dict[str, str]]]]) -> str:
    """Return a problem unless both lists have the same channels, which is how secrets are matched to them."""
    open_ids, secret_ids = ([c["channelId"] for c in body[half]["channels"]] for half in ("data", "secret"))
    if len(set(open_ids)) != len(open_ids):
        return "the body.data.channels names a channel twice"
    return "" if open_ids == secret_ids else "the body.data and the body.secret must list the same channels"
