"""The table of an order's states, and of the moves between them. Nothing moves an order but `moving.move`.

    draft ──► awaiting approval ──► queued ──► sending ──► placed ──► completed ──► released
      │             │                 │           │          │
      └► cancelled  ├► declined       ├► refused  ├► refused ├► refused
                    └► cancelled      └► cancelled└► unknown └► under review
                                                      │             ▲
                                                      ├► placed     │
                                                      ├► not placed ┤ (a late answer)
                                                      └► under review ──► placed | not placed

Why they are as they are:

- An order costs money and Genesys Cloud takes no idempotency key. So `sending` is written before the request leaves and
  has no way back to `queued`: whoever finds an order there does not know whether it was sent, and may not send it.
- `refused` needs proof that nothing was bought: it was not sent, or Genesys Cloud said no in a documented way. All else
  (time-out, reset, 5xx, HTML, bad JSON, a dead worker) is `unknown`.
- `unknown` is settled after a window by looking. What is found is `placed`. Not finding it proves nothing, for the list
  may lag: that is `under review`, where a person decides on the evidence. Ordering again is always a new order.
- `not placed` has a way back to review: a worker that was paused for hours may send after a person decided, and a list
  may show the number later. Evidence of a purchase reopens the order once, unless another order explains the number.
- `queued` goes to review without being sent where the list shows the number already, as the order asked for it: then
  the database was restored from a backup that is older than the order's request.
- `placed` can end without a number: Genesys Cloud may say so (`refused`), or say so while its list shows the number, or
  forget the order, or never end it (`under review`).
- A number may have one live order, all tenants together, because the number itself is the only key that Genesys Cloud
  respects. Whoever cancelled, declined, was refused or decided "not placed" has let go of it.
"""

from collections.abc import Mapping
from typing import Final

from django.db import models


class OrderState(models.TextChoices):
    """Where the order of one number is."""

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

#: It has let go of its number: another order may be made.
LET_GO: Final = frozenset({_S.DECLINED, _S.CANCELLED, _S.REFUSED, _S.NOT_PLACED, _S.RELEASED})
#: It holds its number.
LIVE: Final = frozenset(OrderState) - LET_GO
#: Nothing more happens by itself.
FINAL: Final = LET_GO | {_S.COMPLETED}
#: A worker has something to do, now or at `due_at`.
AT_WORK: Final = frozenset({_S.QUEUED, _S.UNKNOWN, _S.PLACED})
#: It was sent, or may have been, and its end is open.
IN_FLIGHT: Final = frozenset({_S.SENDING, _S.UNKNOWN, _S.UNDER_REVIEW, _S.PLACED})
#: Nothing was sent yet, so that it can be cancelled.
NOT_SENT_YET: Final = frozenset({_S.DRAFT, _S.AWAITING_APPROVAL, _S.QUEUED})
#: Waits for a person.
WAITS_FOR_A_PERSON: Final = frozenset({_S.AWAITING_APPROVAL, _S.UNDER_REVIEW})


class ReleaseState(models.TextChoices):
    """Where a release is: `(awaiting approval →) waiting → sending (→ unknown) → released | refused`.

    Until it is sent it can be taken back, or declined where approval is needed. Like an order it is sent at most once.
    `released` needs two looks: the list had the number before the DELETE, and lacks it afterwards. An unknown outcome
    is resolved by the list, and a number that is still listed then was not given back: `refused`. `under review` is
    where a person decides: the list lacked the number before anything was sent, or cannot be read.
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

#: It may still be taken back.
RELEASE_NOT_SENT: Final = frozenset({_R.AWAITING_APPROVAL, _R.WAITING})
#: It is going on: a number has one of these at most.
RELEASE_LIVE: Final = frozenset({_R.AWAITING_APPROVAL, _R.WAITING, _R.SENDING, _R.UNKNOWN, _R.UNDER_REVIEW})
#: A worker has something to do, now or at `due_at`.
RELEASE_AT_WORK: Final = frozenset({_R.WAITING, _R.UNKNOWN})
