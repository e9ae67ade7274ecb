"""How requests look."""

from django import template

from tollfree.models import NumberRequest, RequestState

register = template.Library()

_TONES = {
    RequestState.OPEN: "waiting",
    RequestState.ANSWERED: "warning",
    RequestState.DONE: "good",
    RequestState.DECLINED: "bad",
    RequestState.WITHDRAWN: "neutral",
}


@register.filter
def request_tone(asked: NumberRequest) -> str:
    """Return the tone of a request's state."""
    return _TONES[RequestState(asked.state)]
