"""Action that changes a number's comment, in Genesys Cloud and in the portal."""

from django.core.exceptions import ValidationError

from genesys_cloud import diagnosis
from genesys_cloud.client import change_tollfree
from genesys_cloud.responses import TollfreeNumber
from genesys_cloud.tokens import UNASKABLE
from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb
from portal.http_client.errors import OutboundError
from portal.tenants.actions import refuse_if_archived
from tollfree.orders.models import NumberOrder
from tollfree.orders.states import OrderState
from tollfree.orders.transitions import record_event
from tollfree.orders.validation import checked_text
from tollfree.orders.worker.lookup import look_for


def change_comment(actor: Actor, order: NumberOrder, *, comment: str, seen: str | None = None) -> NumberOrder:
    """Change the comment in Genesys Cloud, then here; the same comment again changes nothing. Raises ValidationError.

    `seen` is the comment that the user saw: if another user changed it since, nothing is changed (code `changed`). The
    request is safe to repeat, so if neither the response nor the list shows the new comment, the user gets an error and
    can try again. Call it with no transaction open.
    """
    require(actor, Right.ORDER_NUMBERS, order.tenant_id)
    refuse_if_archived(order.tenant)
    comment = checked_text("comment", comment)
    if order.state not in {OrderState.PLACED, OrderState.COMPLETED}:
        raise ValidationError("Only a number that was placed has a comment in Genesys Cloud.")
    if comment == order.comment:
        return order
    if seen is not None and seen.splitlines() != order.comment.splitlines():  # browsers send CRLF
        raise ValidationError(
            f"Somebody else changed the comment after you opened this page. It is now: {order.comment or '(none)'}. "
            "Send yours again to replace it.",
            code="changed",
        )
    try:
        _change_there(order, comment)
    except OutboundError as error:
        sentence = diagnosis.of(order.group.access, error).sentence
        raise ValidationError({"comment": f"{sentence} The portal keeps the old comment."}) from error
    except UNASKABLE as error:
        raise ValidationError(str(error)) from error
    return _keep(actor, order, comment)


def _change_there(order: NumberOrder, comment: str) -> None:
    """Change the comment in Genesys Cloud, and verify it in the response or in the list. Raises OutboundError."""
    lost: OutboundError | None = None
    seen: TollfreeNumber | None = None
    try:
        seen = change_tollfree(order.group.access, order.number, {"comment": comment}, subject_id=order.pk)
    except OutboundError as error:
        if not error.unknown_outcome:
            raise
        lost = error
    if _shows(seen, order, comment) or _shows(look_for(order), order, comment):
        return
    if lost is not None:
        raise lost
    raise ValidationError(
        {"comment": "Genesys Cloud answered, but does not show the new comment. The portal keeps the old comment."}
    )


def _shows(seen: TollfreeNumber | None, order: NumberOrder, comment: str) -> bool:
    return seen is not None and seen.number == order.number and seen.comment.split() == comment.split()


@atomic
def _keep(actor: Actor, order: NumberOrder, comment: str) -> NumberOrder:
    rows = NumberOrder.objects.select_for_update(of=("self",), no_key=True)
    order = rows.select_related("group", "tenant").get(pk=order.pk)
    before, order.comment = order.comment, comment
    NumberOrder.objects.filter(pk=order.pk).update(comment=comment)
    record_event(order, Verb.ORDER_COMMENT_CHANGED, actor, changes={"comment": [before or None, comment or None]})
    return order
