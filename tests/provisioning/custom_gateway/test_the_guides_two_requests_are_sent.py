"""The judge is the sandbox's ledger: option 2 of the guide, key for key."""

import os
import subprocess
from typing import Any

import pytest

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.http_client.curl import curl_twin
from portal.tenants.models import Tenant
from provisioning import nexus
from provisioning.models import Setup, SetupState
from provisioning.wizard.drafts import answers_of, option_of
from tests.provisioning.custom_gateway import gateway
from tests.support.cast import API_KEY, CCID

pytestmark = pytest.mark.django_db(transaction=True)

DOMAIN = "mail.globex.example"
HEADERS = {"content-type": "application/json", "x-api-key": API_KEY, "x-ccid": str(CCID)}
SECRETS = {
    "apiKey": API_KEY,
    "asyncAPISignatureKey": gateway.API_KEY,
    "asyncWebhookSignatureKey": gateway.WEBHOOK_KEY,
}
# What any client of HTTP adds.
TRANSPORT = {"host", "accept", "accept-encoding", "connection", "content-length", "user-agent"}


def channel(id_: str) -> dict[str, object]:
    return {"channelId": id_, "webhook": {"url": gateway.WEBHOOK}}


def secrets(id_: str) -> dict[str, object]:
    return {"channelId": id_, "webhook": {"secret": gateway.WEBHOOK_KEY}, "api": {"secret": gateway.API_KEY}}


def guide(ids: list[str]) -> list[dict[str, Any]]:
    """Both requests, for these channels."""
    bodies = {
        "Async": {"data": {"channels": [*map(channel, ids)]}, "secret": {"channels": [*map(secrets, ids)]}},
        "SMS": {"url": "N/A", "data": {"provider": "Async"}, "secret": {}},
    }
    path = f"/nexus/v3/provisioning/services/{CCID}"
    return [
        {"method": "POST", "path": f"{path}/{service}", "query": "", "body": body, "status": 201, "headers": HEADERS}
        for service, body in bodies.items()
    ]


def as_sent(line: dict[str, Any]) -> dict[str, Any]:
    """What of a ledger's line the client chose."""
    headers = {name: value for name, value in line["headers"].items() if name not in TRANSPORT}
    return {name: line[name] for name in ("method", "path", "query", "body", "status")} | {"headers": headers}


@pytest.mark.parametrize("domain", ["", DOMAIN])
def test_async_then_sms_with_every_number_and_the_domain(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str], domain: str
) -> None:
    setup = gateway.run(actor, gateway.complete_draft(actor, tenant_at_sandbox, asyncEmailDomain=domain))
    assert setup.state == SetupState.SUCCEEDED
    assert [as_sent(line) for line in sandbox.ledger()] == guide([*gateway.NUMBERS, *filter(None, [domain])])


def test_their_keys_stand_in_the_guides_order(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]
) -> None:
    gateway.run(actor, gateway.complete_draft(actor, tenant_at_sandbox))
    async_, sms = (line["body"] for line in sandbox.ledger())
    assert [list(async_), list(async_["secret"]["channels"][0])] == [
        ["data", "secret"],
        ["channelId", "webhook", "api"],
    ]
    assert list(sms) == ["url", "data", "secret"]


def test_the_reviews_curl_sends_the_same(actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control) -> None:
    draft = gateway.complete_draft(actor, tenant_at_sandbox, asyncEmailDomain=DOMAIN)
    variables = {"nexusURL": sandbox.url, "ccid": str(CCID)} | SECRETS
    for service in option_of(draft).services(answers_of(draft)):
        command = curl_twin(nexus.create_service(tenant_at_sandbox, service))
        assert not [value for value in SECRETS.values() if value in command]
        subprocess.run(
            ["bash", "-euc", command], env=os.environ | variables, check=True, capture_output=True, timeout=20
        )
    assert [as_sent(line) for line in sandbox.ledger()] == guide([*gateway.NUMBERS, DOMAIN])


def test_the_numbers_become_drafts_and_the_domain_does_not(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]
) -> None:
    gateway.run(actor, gateway.complete_draft(actor, tenant_at_sandbox, asyncEmailDomain=DOMAIN))
    senders = tenant_at_sandbox.sender_ids.order_by("number").values_list("number", "provider", "state")
    assert list(senders) == [("12345", "Async", "draft"), ("16504661150", "Async", "draft")]


def test_the_review_shows_lists_as_people_write_them(actor: Actor, draft: Setup, reviewer: Any) -> None:
    page = reviewer.see("review").content.decode()
    assert "16504661150<br>12345" in page
    assert gateway.HEADERS in page
    assert "[&#x27;" not in page
