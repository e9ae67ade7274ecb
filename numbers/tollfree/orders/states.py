"""States of orders and releases, and the allowed transitions. Only the transition functions change a state.

    draft ──► awaiting approval ──► queued ──► sending ──► placed ──► completed ──► released
      │             │                 │           │          │
      └► cancelled  ├► declined       ├► refused  ├► refused ├► refused
                    └► cancelled      └► cancelled└► unknown └► under review
                                                      │             ▲
                                                      ├► placed     │
                                                      ├► not placed ┤ (a late answer)
                                                      └► under review ──► placed | not placed

Reasons for these transitions:

- An order costs money, and Genesys Cloud has no idempotency keys. So `sending` is committed before the request is sent,
  and never goes back to `queued`: for an order in `sending` nobody knows whether the request was sent, so it must not
  be sent again.
- `refused` needs proof that nothing was bought: the request was not sent, or Genesys Cloud refused it in a documented
  way. Everything else (time-out, reset, 5xx, HTML, bad JSON, a dead worker) is `unknown`.
- `unknown` is resolved by looking at the list of numbers after some time. If it shows the number as this order asked
  for it, the order is `placed`. A missing number proves nothing, because the list may lag: then, and in all other
  doubt, the order is `under review`, and a person decides on the evidence. Ordering again is always a new order.
- `not placed` can return to review: a worker that was paused for hours may send after the decision, and a list may show
  the number later. Evidence of a purchase reopens the order, unless another order explains the number.
- `queued` goes to review without being sent if the list already shows the number with this order's comment or e-mail
  address: then the database was restored from a backup that is older than the order's request.
- `placed` can end without a number: `refused` if Genesys Cloud says so; `under review` if it says so but lists the
  number, if it forgets the order, or if it never ends it.
- A number can have only one live order across all tenants, because the number is the only key that Genesys Cloud
  respects. Orders in `declined`, `cancelled`, `refused`, `not placed` and `released` no longer hold their number.
"""

from collections.abc import Mapping
from typing import Final

from django.db import models


class OrderState(models.TextChoices):
    """State of the order of one number."""

    DRAFT = "draft", "Draft"
    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    QUEUED = "queued", "Queued"
    SENDING = "sending", "Sending"
    PLACED = "placed", "Placed"
    COMPLETED = "completed", "Completed"
    DECLINED = "declined", "Declined"
    CANCELLED = "cancelled", "Cancelled"
    REFUSED = "refused", "Refused"
    UNKNOWN = "unknown", "Outcome unknown"
    NOT_PLACED = "not_placed", "Not placed"
    UNDER_REVIEW = "under_review", "Under review"
    RELEASED = "released", "Released"


_S = OrderState

MOVES: Final[Mapping[OrderState, frozenset[OrderState]]] = {
    _S.DRAFT: frozenset({_S.AWAITING_APPROVAL, _S.QUEUED, _S.CANCELLED}),
    _S.AWAITING_APPROVAL: frozenset({_S.QUEUED, _S.DECLINED, _S.CANCELLED}),
    _S.QUEUED: frozenset({_S.SENDING, _S.REFUSED, _S.CANCELLED, _S.UNDER_REVIEW}),
    _S.SENDING: frozenset({_S.PLACED, _S.REFUSED, _S.UNKNOWN}),
    _S.UNKNOWN: frozenset({_S.PLACED, _S.NOT_PLACED, _S.UNDER_REVIEW}),
    _S.UNDER_REVIEW: frozenset({_S.PLACED, _S.NOT_PLACED}),
    _S.PLACED: frozenset({_S.COMPLETED, _S.REFUSED, _S.UNDER_REVIEW}),
    _S.COMPLETED: frozenset({_S.RELEASED}),
    _S.NOT_PLACED: frozenset({_S.UNDER_REVIEW}),
    _S.DECLINED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.REFUSED: frozenset(),
    _S.RELEASED: frozenset(),
}

#: The order no longer holds its number, so a new order is possible.
LET_GO: Final = frozenset({_S.DECLINED, _S.CANCELLED, _S.REFUSED, _S.NOT_PLACED, _S.RELEASED})
#: The order holds its number.
LIVE: Final = frozenset(OrderState) - LET_GO
#: Nothing more happens automatically.
FINAL: Final = LET_GO | {_S.COMPLETED}
#: The order was sent, or may have been, and has not ended.
IN_FLIGHT: Final = frozenset({_S.SENDING, _S.UNKNOWN, _S.UNDER_REVIEW, _S.PLACED})
#: Nothing was sent yet, so the order can be cancelled.
NOT_SENT_YET: Final = frozenset({_S.DRAFT, _S.AWAITING_APPROVAL, _S.QUEUED})


class ReleaseState(models.TextChoices):
    """State of a release: `(awaiting approval →) waiting → sending (→ unknown) → released | refused`.

    Until it is sent, a release can be taken back, or declined if it needs approval. Like an order it is sent at most
    once. `released` needs two looks: the list had the number before the DELETE and does not have it afterwards. The
    list also resolves an unknown outcome: a number that is still listed was not given back, so the release is
    `refused`. A release is `under review`, for a person to decide, if the list did not have the number before anything
    was sent, or cannot be read.
    """

    AWAITING_APPROVAL = "awaiting_approval", "Awaiting approval"
    WAITING = "waiting", "Waiting"
    SENDING = "sending", "Sending"
    UNKNOWN = "unknown", "Outcome unknown"
    UNDER_REVIEW = "under_review", "Under review"
    RELEASED = "released", "Released"
    REFUSED = "refused", "Refused"
    TAKEN_BACK = "taken_back", "Taken back"
    DECLINED = "declined", "Declined"


_R = ReleaseState

RELEASE_MOVES: Final[Mapping[ReleaseState, frozenset[ReleaseState]]] = {
    _R.AWAITING_APPROVAL: frozenset({_R.WAITING, _R.DECLINED, _R.TAKEN_BACK}),
    _R.WAITING: frozenset({_R.SENDING, _R.REFUSED, _R.TAKEN_BACK, _R.UNDER_REVIEW}),
    _R.SENDING: frozenset({_R.RELEASED, _R.REFUSED, _R.UNKNOWN}),
    _R.UNKNOWN: frozenset({_R.RELEASED, _R.REFUSED, _R.UNDER_REVIEW}),
    _R.UNDER_REVIEW: frozenset({_R.RELEASED, _R.REFUSED}),
    _R.RELEASED: frozenset(),
    _R.REFUSED: frozenset(),
    _R.TAKEN_BACK: frozenset(),
    _R.DECLINED: frozenset(),
}

#: The release can still be taken back.
RELEASE_NOT_SENT: Final = frozenset({_R.AWAITING_APPROVAL, _R.WAITING})
#: The release has not ended: a number has at most one such release.
RELEASE_LIVE: Final = frozenset({_R.AWAITING_APPROVAL, _R.WAITING, _R.SENDING, _R.UNKNOWN, _R.UNDER_REVIEW})
