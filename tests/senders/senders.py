"""Short ways to sender IDs and their pages."""

from typing import Any

from django.test import Client
from django.urls import reverse

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders.actions import SenderFacts, add_senders
from senders.models import SenderId

FACTS = SenderFacts("16504661149", "SMS_Main_Corporate", "MainRouting")


def add(actor: Actor, tenant: Tenant, number: str = FACTS.number, **changes: Any) -> SenderId:
    """Add the guide's example, or another one."""
    facts = {"section": FACTS.section, "endpoint": FACTS.endpoint, "provider": "Portico"} | changes
    return add_senders(actor, tenant.pk, [SenderFacts(number, **facts)])[0]


def as_typed(sender: SenderId, **changes: str) -> dict[str, str]:
    """What the form of a sender ID sends, some of it changed; an empty value unticks a box."""
    fields = {
        "number": sender.number,
        "section": sender.section,
        "endpoint": sender.endpoint,
        "provider": sender.provider,
        "agents_answer": "on" if sender.agents_answer else "",
        "cxc_only": "on" if sender.cxc_only else "",
    }
    return {name: value for name, value in (fields | changes).items() if value}


def page(client: Client, name: str, key: Any) -> str:
    """A page, as text."""
    answer = client.get(reverse(f"senders:{name}", args=[key]))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, name: str, key: Any, **values: Any) -> Any:
    """Send a form."""
    return client.post(reverse(f"senders:{name}", args=[key]), values)


def again(sender: SenderId) -> SenderId:
    """The sender ID as it stands now."""
    return SenderId.objects.get(pk=sender.pk)
