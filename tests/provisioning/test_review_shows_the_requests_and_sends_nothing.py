from django.utils.html import escape

from portal.audit.actors import command_line
from portal.devtools.sandbox.control import Control
from portal.http_client.models import Call
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from tests.provisioning.kaleyra import KALEYRA_URL, NUMBER, SECRETS, Visitor

SMS = """\
curl --request POST "$nexusURL/nexus/v3/provisioning/services/$ccid/SMS" \\
  --header 'Content-Type: application/json' \\
  --header "x-api-key: $apiKey" \\
  --header "x-ccid: $ccid" \\
"""


def test_each_request_stands_there_as_the_guides_curl(reviewer: Visitor) -> None:
    page = reviewer.see("review").content.decode()
    assert escape(SMS) in page
    assert escape(SMS.replace("/SMS", "/mGageSMS")) in page
    assert page.index("/SMS") < page.index("/mGageSMS")
    assert escape('"username": "$(json "$kaleyraUserName")"') in page
    assert escape('"password": "$(json "$kaleyraPassword")"') in page


def test_the_answers_stand_by_the_guides_names(reviewer: Visitor, tenant_at_sandbox: Tenant) -> None:
    page = reviewer.see("review").content.decode()
    for name, value in {
        "ccid": str(tenant_at_sandbox.ccid),
        "nexusURL": tenant_at_sandbox.nexus_url,
        "kaleyraURL": KALEYRA_URL,
        "tfn": NUMBER,
    }.items():
        assert name in page
        assert value in page


def test_it_shows_the_tenants_url_of_today(reviewer: Visitor, tenant_at_sandbox: Tenant) -> None:
    old = tenant_at_sandbox.nexus_url
    edit_tenant(command_line(), tenant_at_sandbox, nexus_url=f"{old}/gateway")
    page = reviewer.see("review").content.decode()
    assert f"{old}/gateway" in page
    assert old not in page.replace(f"{old}/gateway", "")


def test_nothing_is_sent(reviewer: Visitor, sandbox: Control) -> None:
    reviewer.see("review")
    assert sandbox.ledger() == []
    assert not Call.objects.exists()


def test_no_secret_stands_there(reviewer: Visitor) -> None:
    page = reviewer.see("review").content.decode()
    assert not [secret for secret in SECRETS.values() if secret in page or escape(secret) in page]
