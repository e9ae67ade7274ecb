"""Template filters for sender IDs."""

from django import template

from senders.models import SenderId, SenderState

register = template.Library()

_TONES = {
    SenderState.DRAFT: "neutral",
    SenderState.READY: "waiting",
    SenderState.DONE: "good",
    SenderState.DIFFERS: "bad",
}


@register.filter
def sender_tone(sender: SenderId) -> str:
    """`{{ sender|sender_tone }}`: the severity of the sender ID's state."""
    return _TONES[SenderState(sender.state)]
