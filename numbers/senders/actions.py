"""What can be done to sender IDs: one function for each verb."""

from uuid import UUID

from django.db import transaction

from portal.accounts.permission import require
from portal.accounts.rights import Right
from portal.audit.actors import Actor
from portal.audit.recording import Target, record
from portal.audit.verbs import Verb
from senders.models import SenderId
from senders.phone_numbers import parse


@transaction.atomic
def draft_sender(actor: Actor, tenant_id: UUID, *, number: str, provider: str) -> SenderId:
    """Keep the number as a draft; one that is there already stays as it is. Raises ValidationError."""
    require(actor, Right.RUN_SETUP, tenant_id)
    digits = parse(number).digits
    sender, created = SenderId.objects.get_or_create(
        tenant_id=tenant_id, number=digits, defaults={"provider": provider}
    )
    if created:
        changes = {"number": [None, digits], "provider": [None, provider]}
        target = Target("sender", str(sender.pk), digits)
        record(Verb.SENDER_DRAFTED, target, actor, tenant_id=tenant_id, changes=changes)
    return sender
