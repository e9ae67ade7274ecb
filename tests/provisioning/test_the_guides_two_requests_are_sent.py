"""The judge is the sandbox's ledger: what really arrived."""

import os
import subprocess
from typing import Any

import pytest

from portal.devtools.sandbox.control import Control
from portal.http_client.curl import curl_twin
from portal.tenants.models import Tenant
from provisioning import nexus
from provisioning.models import Setup
from provisioning.wizard.drafts import answers_of, option_of
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import KALEYRA_URL, PASSWORD, SECRETS, USER_NAME
from tests.support.cast import API_KEY, CCID

BODIES = {
    "SMS": {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}},
    "mGageSMS": {"url": KALEYRA_URL, "data": {}, "secret": {"username": USER_NAME, "password": PASSWORD}},
}
HEADERS = {"content-type": "application/json", "x-api-key": API_KEY, "x-ccid": str(CCID)}
# What any client of HTTP adds.
TRANSPORT = {"host", "accept", "accept-encoding", "connection", "content-length", "user-agent"}


def as_sent(line: dict[str, Any]) -> dict[str, Any]:
    """What of a ledger's line the client chose."""
    headers = {name: value for name, value in line["headers"].items() if name not in TRANSPORT}
    return {name: line[name] for name in ("method", "path", "query", "body", "status", "effect")} | {"headers": headers}


GUIDE = [
    {
        "method": "POST",
        "path": f"/nexus/v3/provisioning/services/{CCID}/{service}",
        "query": "",
        "body": body,
        "status": 201,
        "effect": f"created {service}",
        "headers": HEADERS,
    }
    for service, body in BODIES.items()
]


@pytest.mark.databases
def test_a_run_sends_exactly_the_guides_requests_in_its_order(queued: Setup, sandbox: Control) -> None:
    assert kaleyra.run(queued).state == "succeeded"
    assert [as_sent(line) for line in sandbox.ledger()] == GUIDE


def test_their_keys_stand_in_the_guides_order(queued: Setup, sandbox: Control) -> None:
    kaleyra.run(queued)
    assert [list(line["body"]) for line in sandbox.ledger()] == [["url", "data", "secret"]] * 2


def test_the_reviews_curl_sends_the_same(draft: Setup, tenant_at_sandbox: Tenant, sandbox: Control) -> None:
    variables = {"nexusURL": sandbox.url, "ccid": str(CCID)} | SECRETS
    for service in option_of(draft).services(answers_of(draft)):
        command = curl_twin(nexus.create_service(tenant_at_sandbox, service))
        subprocess.run(
            ["bash", "-euc", command], env=os.environ | variables, check=True, capture_output=True, timeout=20
        )
    assert [as_sent(line) for line in sandbox.ledger()] == GUIDE
