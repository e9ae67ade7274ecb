"""Audit events for refused actions, with a rate limit so that repeated attempts do not flood the history."""

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from portal.accounts.permission import Refused
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb

#: The same refusal is recorded once in this period, and at most MOST_LINES refusals of one person.
QUIET = timedelta(minutes=10)
MOST_LINES = 20


class RefusalMiddleware:
    """Records the event of a refused action after the view's transaction has been rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass the request on; the work is in `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:  # noqa: ARG002 - Django's signature
        """Record the event, then let Django respond with 403."""
        if isinstance(exception, Refused):
            write_refusal(exception)


@atomic
def write_refusal(refused: Refused) -> None:
    """Record the event, unless it was recorded within QUIET or the person has reached the limit."""
    lately = Event.objects.filter(
        actor_id=refused.actor.user_id, verb=Verb.REFUSED, at__gt=timezone.now() - QUIET
    ).order_by("-at", "-id")
    # Compared by tenant too, so that attempts on ten tenants are recorded for each of the ten.
    target = Target("right", f"{refused.right.name.lower()}", str(refused.right))
    chain = str(refused.tenant_id) if refused.tenant_id else ""
    known = lately.values_list("target_id", "chain")[:MOST_LINES]
    said = {(target_id, chain if chain != "site" else "") for target_id, chain in known}
    if len(known) < MOST_LINES and (target.id, chain) not in said:
        record(Verb.REFUSED, target, refused.actor, tenant_id=refused.tenant_id)
