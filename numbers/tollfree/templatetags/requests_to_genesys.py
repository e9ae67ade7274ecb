"""Template tags for requests to the Genesys representative."""

from django import template

from portal.tenants.models import Tenant
from tollfree.requests.models import NumberRequest, RequestState

register = template.Library()

_MOST_SHOWN = 5
_TONES = {
    RequestState.OPEN: "waiting",
    RequestState.ANSWERED: "warning",
    RequestState.DONE: "good",
    RequestState.DECLINED: "bad",
    RequestState.WITHDRAWN: "neutral",
}


@register.filter
def request_tone(asked: NumberRequest) -> str:
    """`{{ asked|request_tone }}`: the severity of the request's state."""
    return _TONES[RequestState(asked.state)]


@register.simple_tag
def requests_of(tenant: Tenant) -> list[NumberRequest]:
    """`{% requests_of tenant as requests %}`: the newest requests of a tenant."""
    return list(NumberRequest.objects.filter(tenant=tenant).order_by("-asked_at")[:_MOST_SHOWN])
