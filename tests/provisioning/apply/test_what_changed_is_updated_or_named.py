"""The portal's own facts follow the file; values of services that exist are named, for Nexus keeps them."""

import pytest

from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.actions import holds
from portal.vault.models import Credential
from provisioning.models import Service, Setup
from senders.models import SenderId
from tests.provisioning.apply.conftest import ACME, ALL_THREE, GLOBEX, SECRETS, Apply, file_of


@pytest.fixture
def applied(apply: Apply, sandbox: Control) -> Apply:
    """All three stand; the ledger begins anew, and what was created stays created."""
    assert apply(ALL_THREE).code == 0
    return apply


def test_a_changed_name_is_updated_and_recorded(applied: Apply) -> None:
    again = applied(ALL_THREE.replace("name: Acme", "name: Acme Inc"))
    assert (again.code, again.out) == (0, "Tenants: 1 changed, 2 unchanged.\n")
    tenant = Tenant.objects.get(name="Acme Inc")
    assert Event.objects.filter(chain=str(tenant.pk), verb="tenant.changed").count() == 1


def test_a_changed_sender_id_is_updated_and_recorded(applied: Apply) -> None:
    again = applied(ALL_THREE.replace("SMS_Main_Corporate", "SMS_Sales").replace("cxc_only: false", "cxc_only: true"))
    assert again.code == 0
    sender = SenderId.objects.get(number="16504661149")
    assert (sender.section, sender.endpoint, sender.cxc_only, sender.agents_answer) == (
        "SMS_Sales",
        "MainRouting",
        True,
        False,
    )
    assert Event.objects.filter(verb="sender.changed").count() == 1


def test_a_further_sender_id_is_added(applied: Apply, sandbox: Control) -> None:
    requests = len(sandbox.ledger())
    again = applied(ALL_THREE.replace("    sender_ids:\n", '    sender_ids:\n      - {number: "72345"}\n'))
    assert (again.code, again.out) == (0, "Tenants: 1 changed, 2 unchanged.\n")
    assert SenderId.objects.get(number="72345").provider == "mGage"
    assert len(sandbox.ledger()) == requests


def test_a_changed_api_key_is_stored_and_recorded(applied: Apply, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_NEXUS_API_KEY", "another-key")
    assert applied(ALL_THREE).code == 0
    stored = Credential.objects.get(tenant__name="Acme", kind="apiKey")
    assert holds(stored, "another-key")
    assert Event.objects.filter(verb="credential.replaced").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("directtext.mgage.com", "other.example", "tenants[0].kaleyra.url, line 6"),
        ("username: acme", "username: other", "tenants[0].kaleyra.username, line 6"),
        ("genesys-webhook.company.com", "other.example", "tenants[1].custom_gateway.webhook_url, line 15"),
        ('["16504661150"]', '["16504661150", "72345"]', "tenants[1].custom_gateway.phone_numbers, line 14"),
        ("mail.globex.example", "mail.other.example", "tenants[1].custom_gateway.email_domain, line 18"),
        ('async-1: "12345"', 'async-1: "6"', "tenants[1].custom_gateway.headers, line 19"),
        ("region: us-east-1", "region: eu-west-1", "tenants[2].genesys_cloud.region, line 26"),
        ("4da40a9d-b113", "4da40a9d-b114", "tenants[2].genesys_cloud.client_id, line 27"),
    ],
)
def test_a_changed_value_of_a_service_is_named_and_left(
    applied: Apply, sandbox: Control, old: str, new: str, path: str
) -> None:
    requests, events = len(sandbox.ledger()), Event.objects.count()
    again = applied(ALL_THREE.replace(old, new))
    assert again.code == 1
    assert f"{path}: differs." in again.err
    assert (len(sandbox.ledger()), Event.objects.count()) == (requests, events)


def test_a_changed_secret_of_a_service_is_named_and_the_stored_one_stays(
    applied: Apply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLOBEX_API_SECRET", "another-secret")
    again = applied(ALL_THREE)
    assert again.code == 1
    assert again.err.splitlines() == [
        (
            "tenants[1].custom_gateway.api_secret, line 17: differs. Async was sent with another value, and Nexus "
            "documents no way to change it. --replace sends it again."
        )
    ]
    stored = Credential.objects.get(tenant__name="Globex", kind="asyncAPISignatureKey")
    assert holds(stored, SECRETS["GLOBEX_API_SECRET"])


def test_replace_sends_it_again_and_believes_the_answer(applied: Apply, sandbox: Control) -> None:
    sandbox.settings(replace="accept")
    changed = ALL_THREE.replace("directtext.mgage.com", "other.example")
    again = applied(changed, "--inline", "--replace")
    sandbox.settings(replace="refuse")
    assert again.code == 0, again.err
    assert sandbox.ledger()[-1]["body"]["url"] == "http://other.example"
    assert len(sandbox.ledger()) == 8
    assert applied(changed).code == 0
    assert applied(ALL_THREE).code == 1


def test_replace_says_so_if_nexus_kept_the_old_one(applied: Apply, sandbox: Control) -> None:
    changed = ALL_THREE.replace("directtext.mgage.com", "other.example")
    again = applied(changed, "--inline", "--replace")
    assert again.code == 1
    assert Service.objects.get(tenant__name="Acme", name="mGageSMS").state == "differs"
    later = applied(changed)
    assert (later.code, "tenants[0].kaleyra.url, line 6: differs." in later.err) == (1, True)


def test_another_option_is_named_and_replaced_on_demand(applied: Apply, sandbox: Control) -> None:
    other = file_of(ACME.split("    kaleyra")[0] + "    custom_gateway" + GLOBEX.split("    custom_gateway")[1])
    again = applied(other)
    assert again.code == 1
    assert "tenants[0].custom_gateway: differs. Acme is set up with Kaleyra." in again.err
    sandbox.settings(replace="accept")
    assert applied(other, "--inline", "--replace").code == 0
    sandbox.settings(replace="refuse")
    assert Setup.objects.filter(tenant__name="Acme", option="custom_gateway", state="succeeded").exists()
