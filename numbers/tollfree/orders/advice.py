"""Advice for each state of orders and releases: what to do now, and the severity."""

from collections.abc import Mapping
from typing import Final

from tollfree.orders.states import OrderState, ReleaseState

_S, _R = OrderState, ReleaseState
_NEW_ORDER = "Ordering the number again is a new order: search for it."

TO_DO: Final[Mapping[OrderState, str]] = {
    _S.DRAFT: "Nothing is ordered yet, and nothing costs. Look at the cost and confirm it, or cancel.",
    _S.AWAITING_APPROVAL: "A second person must approve it. Nothing is sent before.",
    _S.QUEUED: "A worker sends it by itself, also if you leave this page. Until then it can be cancelled.",
    _S.SENDING: "The request is on its way. Wait; do not order the number elsewhere.",
    _S.UNKNOWN: "Do not order the number elsewhere: it may be bought. The portal looks for it by itself.",
    _S.UNDER_REVIEW: "Ask your Genesys contact whether the number was bought, then decide on the evidence.",
    _S.PLACED: "Nothing is to be done. The portal asks Genesys Cloud how far it is; after three days a person decides.",
    _S.COMPLETED: "The number is yours and in the inventory. Finish its sender ID, and have it verified.",
    _S.DECLINED: f"Nothing was sent. {_NEW_ORDER}",
    _S.CANCELLED: f"Nothing was sent. {_NEW_ORDER}",
    _S.REFUSED: f"Nothing was bought. Mend what is named above. {_NEW_ORDER}",
    _S.NOT_PLACED: f"A person decided that nothing was bought. {_NEW_ORDER}",
    _S.RELEASED: "The number was given back; it costs nothing any more.",
}

#: For a refused order whose number the client already owns.
IS_YOURS: Final = "Nothing is to be ordered: the number is in the inventory after its next refresh. Take note of it."

TONES: Final[Mapping[OrderState, str]] = {
    _S.DRAFT: "neutral",
    _S.AWAITING_APPROVAL: "waiting",
    _S.QUEUED: "waiting",
    _S.SENDING: "running",
    _S.UNKNOWN: "warning",
    _S.UNDER_REVIEW: "warning",
    _S.PLACED: "running",
    _S.COMPLETED: "good",
    _S.DECLINED: "bad",
    _S.CANCELLED: "neutral",
    _S.REFUSED: "bad",
    _S.NOT_PLACED: "neutral",
    _S.RELEASED: "neutral",
}

RELEASE_TO_DO: Final[Mapping[ReleaseState, str]] = {
    _R.AWAITING_APPROVAL: "A second person must approve it. The waiting time begins after that.",
    _R.WAITING: "Until the waiting time ends it can be taken back, and the number stays.",
    _R.SENDING: "The request is on its way.",
    _R.UNKNOWN: "Nothing is to be done: the portal checks the list of Genesys Cloud again by itself.",
    _R.UNDER_REVIEW: "Look into Genesys Cloud, or ask your Genesys contact. Then decide below.",
    _R.RELEASED: "The number was given back; it costs nothing any more.",
    _R.REFUSED: "The number is kept and goes on costing. Mend what is named above, then ask again.",
    _R.TAKEN_BACK: "The number is kept.",
    _R.DECLINED: "The number is kept.",
}

RELEASE_TONES: Final[Mapping[ReleaseState, str]] = {
    _R.AWAITING_APPROVAL: "waiting",
    _R.WAITING: "waiting",
    _R.SENDING: "running",
    _R.UNKNOWN: "warning",
    _R.UNDER_REVIEW: "warning",
    _R.RELEASED: "good",
    _R.REFUSED: "bad",
    _R.TAKEN_BACK: "neutral",
    _R.DECLINED: "bad",
}
