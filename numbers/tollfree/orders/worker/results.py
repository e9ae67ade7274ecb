"""Response classification for the order POST: placed, refused or unknown. Refused needs proof."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genesys_cloud.responses import OrderEnd, ProviderOrder, read_order
from portal.http_client.errors import Answered, NotSent, OutboundError, RateLimited, Unreadable
from portal.http_client.messages import Answer
from portal.http_client.response_json import read_json
from tollfree.orders.states import OrderState

#: The status codes of documented refusals. 408 is none: a server that timed out may have carried out the request.
_REFUSALS = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 422, 429})
_FORBIDDEN, _CONFLICT, _UNAUTHORIZED = 403, 409, 401
_CODE = re.compile(r"[A-Za-z0-9._-]{1,80}")
#: [inferred] the error code for a number that somebody else has bought meanwhile.
_GONE = "number.not.available"

_AGAIN = "Nothing was bought; order again when that is mended."


@dataclass(frozen=True)
class Verdict:
    """The order's new state and the reason; `found` is the provider's order, if any, `facts` are stored as evidence."""

    state: OrderState
    sentence: str
    found: ProviderOrder | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def says_bought(self) -> bool | None:
        """Return True if the answer proves a purchase, False if it proves that there was none, otherwise None."""
        return {OrderState.PLACED: True, OrderState.REFUSED: False}.get(self.state)


def judge(number: str, outcome: Answer | OutboundError) -> Verdict:
    """Classify the outcome of the POST that ordered this number."""
    if isinstance(outcome, Answer):
        return _answered(number, outcome)
    if isinstance(outcome, NotSent):
        return Verdict(OrderState.REFUSED, f"{outcome.sentence} {_AGAIN}")
    if isinstance(outcome, Answered) and (refusal := _refusal(outcome)):
        return refusal
    return _unknown(outcome)


def _answered(number: str, answer: Answer) -> Verdict:
    try:
        order, _ = read_order(answer)
    except Unreadable as error:
        return _unknown(error)
    facts = facts_of(order)
    if number not in order.numbers:
        what = "with an order of other numbers" if order.numbers else "without naming the number, which proves nothing"
        sentence = f"Genesys Cloud answered {what}. It will be looked for before anything is decided."
        return Verdict(OrderState.UNKNOWN, sentence, facts=facts)
    if order.end is OrderEnd.FAILED:  # polling its id decides
        return Verdict(OrderState.PLACED, f"Genesys Cloud took the order and calls it {order.status}.", order, facts)
    return Verdict(OrderState.PLACED, "Genesys Cloud took the order.", order, facts)


def facts_of(order: ProviderOrder) -> dict[str, Any]:
    """Return the facts that evidence stores about a provider's order."""
    return {"order_id": order.order_id, "status": order.status, "numbers": list(order.numbers)}


def _unknown(error: OutboundError) -> Verdict:
    status = error.answer.status if error.answer else None
    doubt = "Whether the number was bought is not known yet. It will be looked for; nothing is sent again."
    sentence = f"{error.cause} {doubt}"
    return Verdict(OrderState.UNKNOWN, sentence, facts={"status": status, "error": error.code})


def is_documented_refusal(error: OutboundError) -> bool:
    """Return whether the vendor's API itself refused; a proxy's error page proves nothing."""
    status = error.answer.status if error.answer else 0
    return isinstance(error, Answered) and status in _REFUSALS and _body(error) is not None


def says_gone(error: OutboundError) -> bool:
    """Return whether the vendor's API says that the number is no longer available; perhaps this client has it."""
    body = _body(error) if isinstance(error, Answered) and is_documented_refusal(error) else None
    status = error.answer.status if error.answer else 0
    return body is not None and (status == _CONFLICT or body.get("code") == _GONE)


def _refusal(error: Answered) -> Verdict | None:
    body = _body(error)
    status = error.answer.status if error.answer else 0
    if body is None or not is_documented_refusal(error):
        return None
    code = str(body.get("code", ""))
    shown = code if _CODE.fullmatch(code) else "no code"
    facts = {"status": status, "code": shown}
    return Verdict(OrderState.REFUSED, _why(error, status, shown), facts=facts)


def _body(error: Answered) -> dict[str, Any] | None:
    """Return the response's JSON if it has the vendor's error format."""
    try:
        body = read_json(error.answer) if error.answer else None
    except Unreadable:
        return None
    return body if isinstance(body, dict) and isinstance(body.get("code"), str) and body.get("message") else None


def _why(error: Answered, status: int, code: str) -> str:
    if isinstance(error, RateLimited):
        wait = f" for {error.retry_after} seconds" if error.retry_after else ""
        return f"Genesys Cloud takes no more requests{wait} (429). Nothing was bought; wait, then order again."
    if status == _CONFLICT or code == _GONE:
        return "The number is not available any more: somebody else has it. Nothing was bought; search for another."
    if status == _UNAUTHORIZED:
        return f"Genesys Cloud did not take the client's token any more (401). {_AGAIN} The next order gets a new one."
    if status == _FORBIDDEN:
        return (
            "The client may not order numbers: it lacks messagingProvisioning:phoneNumber:add (403). Give its role "
            f"that permission in Genesys Cloud, under Admin > Integrations > OAuth > Roles. {_AGAIN}"
        )
    return f"Genesys Cloud did not accept the order ({status}, {code}). {_AGAIN}"
