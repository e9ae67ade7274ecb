"""The sandbox's ledger equals option 2 of the guide, key for key."""

import pytest

from portal.audit.actors import Actor
from portal.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning import engine
from provisioning.actions import begin_setup, save_step, start_setup
from provisioning.models import SetupState

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = {
    "prerequisites": {},
    "gateway": {
        "asyncPhoneNumber": "16504661150\n12345",
        "asyncWebhookURL": "https://genesys-webhook.company.com/sms",
        "asyncAPISignatureKey": "api-key-of-globex",
        "asyncWebhookSignatureKey": "webhook-key-of-globex",
        "asyncEmailDomain": "mail.globex.example",
    },
    "headers": {"headers": "custom-header-for-async-1 = 12345"},
}


def channel(id_: str) -> dict[str, object]:
    return {"channelId": id_, "webhook": {"url": "https://genesys-webhook.company.com/sms"}}


def secrets(id_: str) -> dict[str, object]:
    return {
        "channelId": id_,
        "webhook": {"secret": "webhook-key-of-globex"},
        "api": {"secret": "api-key-of-globex"},
    }


def test_async_then_sms_with_every_number_and_the_domain(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control
) -> None:
    facts = {"ccid": str(tenant_at_sandbox.ccid), "nexusURL": tenant_at_sandbox.nexus_url}
    setup = begin_setup(actor, tenant_at_sandbox, "custom_gateway")
    for step, answers in ANSWERS.items():
        setup = save_step(actor, setup, step, answers or facts, setup.version)
    start_setup(actor, setup)
    engine.run(setup.pk)
    setup.refresh_from_db()
    assert setup.state == SetupState.SUCCEEDED
    ids = ["16504661150", "12345", "mail.globex.example"]
    assert [line["body"] for line in sandbox.ledger()] == [
        {"data": {"channels": [channel(i) for i in ids]}, "secret": {"channels": [secrets(i) for i in ids]}},
        {"url": "N/A", "data": {"provider": "Async"}, "secret": {}},
    ]
    assert [line["path"].rsplit("/", 1)[1] for line in sandbox.ledger()] == ["Async", "SMS"]
    senders = tenant_at_sandbox.sender_ids.order_by("number").values_list("number", "provider")
    assert list(senders) == [("12345", "Async"), ("16504661150", "Async")]
