"""The judge is the sandbox's ledger: what really arrived, for the three tenants of the example."""

from typing import Any

from portal.audit.models import Event
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from senders.models import SenderId
from tests.provisioning.apply.conftest import ACME, ALL_THREE, INITECH, SECRETS, Apply, call, file_of

CHANNELS = ["16504661150", "mail.globex.example"]
GUIDE: dict[str, dict[str, Any]] = {
    "45acae06-6b7c-4f97-9c76-471cb5c21bf7": {
        "SMS": {"url": "N/A", "data": {"provider": "mGage"}, "secret": {}},
        "mGageSMS": {
            "url": "http://directtext.mgage.com",
            "data": {},
            "secret": {"username": "acme", "password": SECRETS["ACME_KALEYRA_PASSWORD"]},
        },
    },
    "0b0a1bd4-9d5e-4b44-a1de-5a7c7a2a9a11": {
        "Async": {
            "data": {
                "channels": [
                    {"channelId": each, "webhook": {"url": "https://genesys-webhook.company.com"}} for each in CHANNELS
                ]
            },
            "secret": {
                "channels": [
                    {
                        "channelId": each,
                        "webhook": {"secret": SECRETS["GLOBEX_WEBHOOK_SECRET"]},
                        "api": {"secret": SECRETS["GLOBEX_API_SECRET"]},
                    }
                    for each in CHANNELS
                ]
            },
        },
        "SMS": {"url": "N/A", "data": {"provider": "Async"}, "secret": {}},
    },
    "6f1f3a52-31c4-4f5e-8a43-2b9d6a1e0c77": {
        "PurecloudIDP": {
            "url": "https://login.mypurecloud.com",
            "secret": {
                "clientId": "4da40a9d-b113-4024-8ba9-c9dd89c91f67",
                "clientSecret": SECRETS["INITECH_CLIENT_SECRET"],
            },
            "data": {},
        },
        "SMS": {"url": "N/A", "secret": {}, "data": {"tokenProvider": "Purecloud"}},
        "PorticoSMS": {"url": "https://api.mypurecloud.com", "secret": {}, "data": {}},
    },
}


def sent(sandbox: Control) -> dict[str, dict[str, object]]:
    """The bodies by contact centre and service, in the order in which they arrived."""
    bodies: dict[str, dict[str, object]] = {}
    for line in sandbox.ledger():
        ccid, service = line["path"].split("/")[-2:]
        assert (line["method"], line["headers"]["x-ccid"]) == ("POST", ccid)
        bodies.setdefault(ccid, {})[service] = line["body"]
    return bodies


def test_the_ledger_equals_the_guide_key_for_key(apply: Apply, sandbox: Control) -> None:
    applied = apply(ALL_THREE)
    assert applied.code == 0, applied.err
    arrived = sent(sandbox)
    assert arrived == GUIDE
    assert {ccid: list(each) for ccid, each in arrived.items()} == {ccid: list(each) for ccid, each in GUIDE.items()}
    assert len(sandbox.ledger()) == sum(map(len, GUIDE.values()))


def test_each_step_has_a_line(apply: Apply) -> None:
    told = apply(ALL_THREE).out
    for name, services in (("Acme", ("SMS", "mGageSMS")), ("Globex", ("Async", "SMS"))):
        for service in services:
            assert f"{name}  {service}: created, attempt 1" in told
    assert told.endswith("Tenants: 3 added.\n")


def test_the_rows_are_those_of_the_wizards(apply: Apply) -> None:
    apply(ALL_THREE)
    assert list(Setup.objects.values_list("state", flat=True)) == ["succeeded"] * 3
    senders = SenderId.objects.order_by("number").values_list("number", "provider", "section", "endpoint", "state")
    assert list(senders) == [
        ("16504661149", "mGage", "SMS_Main_Corporate", "MainRouting", "ready"),
        ("16504661150", "Async", "", "", "draft"),
    ]


def test_each_change_has_its_line_of_history(apply: Apply) -> None:
    apply(ALL_THREE)
    acme = Event.objects.filter(chain=str(Tenant.objects.get(name="Acme").pk)).order_by("seq")
    assert list(acme.values_list("verb", flat=True)) == [
        "tenant.created",
        "credential.stored",
        "credential.stored",
        "credential.stored",
        "sender.drafted",
        "setup.begun",
        "setup.step_saved",
        "setup.step_saved",
        "setup.step_saved",
        "setup.started",
        "service.created",
        "service.created",
        "setup.succeeded",
    ]
    assert set(acme.values_list("actor_kind", flat=True)) == {"command_line"}
    assert acme.values("request_id").distinct().count() == 1


def test_hosts_of_no_region_are_taken_as_urls(apply: Apply, sandbox: Control) -> None:
    custom = f"login_url: {sandbox.url}\n      api_url: {sandbox.url}/api/v2"
    applied = apply(file_of(INITECH.replace("region: us-east-1", custom)))
    assert applied.code == 0, applied.err
    bodies = sent(sandbox)["6f1f3a52-31c4-4f5e-8a43-2b9d6a1e0c77"]
    assert [body["url"] for body in bodies.values() if isinstance(body, dict)] == [sandbox.url, "N/A", sandbox.url]
    exported = call(command="export_setup").out
    assert (f"login_url: {sandbox.url}\n" in exported, "region" in exported) == (True, False)
    assert apply(exported).out == "Tenants: 1 unchanged.\n"


def test_a_tenant_may_stand_without_an_option(apply: Apply, sandbox: Control) -> None:
    text = file_of(ACME.replace("kaleyra:", "# kaleyra:"))
    assert (apply(text).out, sandbox.ledger()) == ("Tenants: 1 added.\n", [])
    assert apply(text).out == "Tenants: 1 unchanged.\n"
    assert apply(file_of(ACME)).code == 0
    assert len(sandbox.ledger()) == 2


def test_a_set_up_may_stand_without_a_sender_id(apply: Apply, sandbox: Control) -> None:
    text = file_of(ACME.split("    sender_ids")[0])
    assert apply(text).code == 0
    assert (SenderId.objects.count(), len(sandbox.ledger())) == (0, 2)
    assert apply(text).out == "Tenants: 1 unchanged.\n"
