"""The judge is the sandbox's ledger: what really arrived."""

import os
import subprocess

import pytest

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from portal.http_client.curl import curl_twin
from portal.tenants.models import Tenant
from provisioning import nexus
from provisioning.models import Setup
from provisioning.wizard.drafts import answers_of, option_of
from tests.provisioning import kaleyra
from tests.provisioning.test_the_guides_two_requests_are_sent import HEADERS, as_sent
from tests.support.cast import API_KEY, CCID


def guide(url: str) -> list[dict[str, object]]:
    client = {"clientId": DEMO_CLIENT_ID, "clientSecret": DEMO_CLIENT_SECRET}
    bodies = {
        "PurecloudIDP": {"url": f"{url}/login-host", "secret": client, "data": {}},
        "SMS": {"url": "N/A", "secret": {}, "data": {"tokenProvider": "Purecloud"}},
        "PorticoSMS": {"url": f"{url}/api-host", "secret": {}, "data": {}},
    }
    return [
        {
            "method": "POST",
            "path": f"/nexus/v3/provisioning/services/{CCID}/{service}",
            "query": "",
            "body": body,
            "status": 201,
            "effect": f"created {service}",
            "headers": HEADERS,
        }
        for service, body in bodies.items()
    ]


@pytest.mark.databases
def test_a_run_sends_exactly_the_guides_requests_in_its_order(queued: Setup, sandbox: Control) -> None:
    assert kaleyra.run(queued).state == "succeeded"
    assert [as_sent(line) for line in sandbox.ledger()] == guide(sandbox.url)


def test_their_keys_stand_in_the_guides_order(queued: Setup, sandbox: Control) -> None:
    kaleyra.run(queued)
    assert [list(line["body"]) for line in sandbox.ledger()] == [["url", "secret", "data"]] * 3


def test_the_reviews_curl_sends_the_same(draft: Setup, tenant_at_sandbox: Tenant, sandbox: Control) -> None:
    variables = {"nexusURL": sandbox.url, "ccid": str(CCID), "apiKey": API_KEY, "clientSecret": DEMO_CLIENT_SECRET}
    for service in option_of(draft).services(answers_of(draft)):
        command = curl_twin(nexus.create_service(tenant_at_sandbox, service))
        subprocess.run(
            ["bash", "-euc", command], env=os.environ | variables, check=True, capture_output=True, timeout=20
        )
    assert [as_sent(line) for line in sandbox.ledger()] == guide(sandbox.url)
