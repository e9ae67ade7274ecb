"""The ledger tells what was asked, the database what was kept."""

from typing import Any

import pytest
from django.urls import reverse
from redis import Redis

from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.gws import ADMINISTRATOR, API_CLIENT
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import KeyState
from provisioning.options.genesys_cloud.key_requests import make_key, newest
from provisioning.wizard.drafts import answers_by_step
from tests.provisioning.kaleyra import Visitor, verbs
from tests.support import canaries
from tests.support.stored import stored_values

NAMES = ("gwsClientId", "gwsClientSecret", "gwsUserName", "gwsPassword")
GOOD = dict(zip(NAMES, (*API_CLIENT, *ADMINISTRATOR), strict=True))


@pytest.fixture(autouse=True)
def _unheard(wake_ups: list[str]) -> None:
    """The tests do the worker's part."""


def ask(visitor: Visitor, sandbox: Control, **changes: str) -> Any:
    """Fill in the form and press its button."""
    last = newest(visitor.setup.tenant_id)
    data = {"authURL": sandbox.url, **GOOD, "seen": str(last.number if last else 0), **changes}
    return visitor.client.post(reverse("genesys_cloud_make_key", args=[visitor.setup.pk]), data, follow=True)


def press(visitor: Visitor, sandbox: Control, **changes: str) -> Any:
    """Do the worker's part too, and have the key shown if there is one."""
    answer = ask(visitor, sandbox, **changes)
    last = newest(visitor.setup.tenant_id)
    if last is None or not last.is_live:
        return answer
    make_key(last.pk)
    url = reverse("genesys_cloud_make_key", args=[visitor.setup.pk])
    last.refresh_from_db()
    return visitor.client.post(url, {"show": "1"}) if last.state == KeyState.MADE else visitor.client.get(url)


def made(tenant: Tenant) -> str:
    return stored_values(tenant.pk, [Kind.CLUSTER_API_KEY])[Kind.CLUSTER_API_KEY]


def test_the_guides_key_is_asked_for_with_an_administrators_token(visitor: Visitor, sandbox: Control) -> None:
    press(visitor, sandbox)
    token, key = sandbox.ledger()
    assert (token["method"], token["path"], token["status"]) == ("POST", "/auth/v3/oauth/token", 200)
    assert token["headers"]["content-type"] == "application/x-www-form-urlencoded"
    assert token["headers"]["authorization"].startswith("Basic ")
    assert (key["method"], key["path"]) == ("POST", "/nexus/v3/apikeys")
    assert key["headers"]["authorization"].startswith("Bearer ")
    assert key["body"] == {
        "data": {
            "enabled": True,
            "tenant": "*",
            "name": "Portico Cluster API Key",
            "permissions": ["nexus:cluster:*"],
        }
    }
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == ["made API key Portico Cluster API Key"]


def test_the_key_goes_to_the_vault_and_is_shown_on_this_page_only(
    visitor: Visitor, tenant: Tenant, sandbox: Control
) -> None:
    page = press(visitor, sandbox).content.decode()
    assert made(tenant) in page
    assert "never again" in page
    for later in (visitor.see("cluster_key"), visitor.client.get(reverse("tenant", args=[tenant.pk]))):
        assert made(tenant) not in later.content.decode()
    assert "Stored: fingerprint" in visitor.see("cluster_key").content.decode()


def test_the_history_tells_it(visitor: Visitor, tenant: Tenant, sandbox: Control) -> None:
    press(visitor, sandbox)
    told = ["cluster_key.asked", "credential.stored", "cluster_key.made", "credential.revealed"]
    assert [verb for verb in verbs(tenant) if verb != "call.made"][-4:] == told


def test_nothing_of_the_administrator_is_kept_anywhere(
    visitor: Visitor, tenant: Tenant, sandbox: Control, redis: Redis
) -> None:
    sandbox.fault("echo_secrets_in_error", match={"path_contains": "apikeys"}, times=1)
    press(visitor, sandbox)
    press(visitor, sandbox, gwsPassword="CNRY-wrong-password")
    press(visitor, sandbox)
    key = made(tenant)
    visitor.setup.refresh_from_db()
    assert answers_by_step(visitor.setup) == {}
    evidence = [*canaries.tables(), *canaries.redis_keys(redis)]
    for value in (*GOOD.values(), "CNRY-wrong-password", key):
        assert [place for place, data in evidence if value.encode() in data] == [], value


def test_the_calls_are_on_record_with_names_for_secrets(visitor: Visitor, sandbox: Control) -> None:
    press(visitor, sandbox)
    token, key = Call.objects.order_by("id")
    assert token.request_headers["Authorization"] == "Basic $gwsClientId:$gwsClientSecret"
    assert "password=$gwsPassword" in token.request_body
    assert key.request_headers["Authorization"] == "Bearer $gws_token"
    assert {token.subject_id, key.subject_id} == {visitor.setup.pk}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"gwsPassword": "wrong"}, "did not accept these credentials."),
        ({"gwsClientSecret": "wrong"}, "did not accept these credentials."),
        ({"gwsClientId": "wrong"}, "did not accept these credentials."),
        ({"authURL": "http://127.0.0.1:9"}, "does not take connections."),
        ({"authURL": "ftp://gauth.example.com"}, "The address must begin with http:// or https://."),
        ({"authURL": ""}, "This field is required."),
        ({"gwsUserName": ""}, "This field is required."),
    ],
)
def test_what_is_wrong_with_the_credentials_is_said(
    visitor: Visitor, sandbox: Control, changes: dict[str, str], sentence: str
) -> None:
    page = press(visitor, sandbox, **changes)
    assert sentence in page.content.decode()
    assert not Credential.objects.filter(kind=Kind.CLUSTER_API_KEY).exists()


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("conflict", "has a Portico Cluster API Key already (409). Enter that one"),
        ("forbidden", "did not accept the administrator&#x27;s token (403)."),
        ("server_error", "look into the table nex_apikeys of Digital Channels before another is made"),
        ("reply_lost", "look into the table nex_apikeys of Digital Channels before another is made"),
        ("empty_object", "look into the table nex_apikeys of Digital Channels before another is made"),
        ("error_in_200", "reported an error inside; the answer stands with the request."),
        ("error_in_200", "If a key was made, it is not known here"),
        ("not_found", "No key was made."),
        ("redirect_302", "No key was made."),
    ],
)
def test_what_is_wrong_with_the_key_is_said(visitor: Visitor, sandbox: Control, fault: str, sentence: str) -> None:
    sandbox.fault(fault, match={"path_contains": "apikeys"}, times=1)
    assert sentence in press(visitor, sandbox).content.decode()
    assert not Credential.objects.filter(kind=Kind.CLUSTER_API_KEY).exists()


def test_the_page_shows_the_requests_and_what_came_back(visitor: Visitor, sandbox: Control) -> None:
    sandbox.fault("forbidden", match={"path_contains": "apikeys"}, times=1)
    page = press(visitor, sandbox).content.decode()
    calls = Call.objects.order_by("id")
    assert [f'id="call-{call.pk}"' in page for call in calls] == [True, True]
    assert calls[1].correlation_id in page


def test_a_page_with_errors_repeats_no_password(visitor: Visitor, sandbox: Control) -> None:
    page = press(visitor, sandbox, authURL="").content.decode()
    assert ADMINISTRATOR[1] not in page
    assert API_CLIENT[1] not in page


def test_the_pasted_token_address_is_understood(visitor: Visitor, tenant: Tenant, sandbox: Control) -> None:
    press(visitor, sandbox, authURL=f"{sandbox.url}/auth/v3/oauth/token")
    assert made(tenant)


def test_a_key_that_is_there_is_entered_first(visitor: Visitor) -> None:
    page = visitor.see("cluster_key").content.decode()
    assert page.index("Is there one already?") < page.index('name="apikey"') < page.index("Have a key made")


def test_a_stored_one_is_not_replaced_without_a_warning(visitor: Visitor, sandbox: Control) -> None:
    press(visitor, sandbox)
    page = visitor.client.get(reverse("genesys_cloud_make_key", args=[visitor.setup.pk])).content.decode()
    assert "A key is stored already" in page
