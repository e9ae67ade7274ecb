"""A refusal is a line of history too, but one who hammers at a door does not fill the chain."""

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from portal.accounts.permission import Refused
from portal.audit.models import Event
from portal.audit.recording import Target, record
from portal.audit.transactions import atomic
from portal.audit.verbs import Verb

#: The same refusal is written once in this time, and of all refusals of one person at most so many.
QUIET = timedelta(minutes=10)
MOST_LINES = 20


class RefusalMiddleware:
    """Writes the line of what a view refused, once the view's transaction has been rolled back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on; the work is in `process_exception`."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:  # noqa: ARG002 - Django's signature
        """Write the line, and let Django answer as ever."""
        if isinstance(exception, Refused):
            write_refusal(exception)


@atomic
def write_refusal(refused: Refused) -> None:
    """Write the line, unless the person's lines of the last minutes hold it or are many already."""
    lately = Event.objects.filter(
        actor_id=refused.actor.user_id, verb=Verb.REFUSED, at__gt=timezone.now() - QUIET
    ).order_by("-at", "-id")
    # The place it belongs to stands in the target's id, so that who knocks at ten tenants is seen at ten.
    target = Target("right", f"{refused.right.name.lower()}", str(refused.right))
    chain = str(refused.tenant_id) if refused.tenant_id else ""
    known = lately.values_list("target_id", "chain")[:MOST_LINES]
    said = {(target_id, chain if chain != "site" else "") for target_id, chain in known}
    if len(known) < MOST_LINES and (target.id, chain) not in said:
        record(Verb.REFUSED, target, refused.actor, tenant_id=refused.tenant_id)
