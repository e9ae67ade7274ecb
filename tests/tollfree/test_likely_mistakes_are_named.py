from dataclasses import replace
from typing import Literal

import pytest

from genesys_cloud.access import Access
from genesys_cloud.connection_test import check_connection, last_test, numbers_seen
from genesys_cloud.diagnosis import of_token
from genesys_cloud.models import ConnectionTest
from genesys_cloud.tokens import token_for
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import VIEW
from portal.http_client.errors import NotAllowed
from portal.http_client.models import Call
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from tests.provisioning.kaleyra import last_event


def test_a_good_client_is_told_so(actor: Actor, tenant: Tenant, access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number("18445551212")
    test = check_connection(actor, tenant, access)
    assert (test.ok, test.mistake) == (True, "")
    assert test.sentence == "The client got a token and may list toll-free numbers; it sees 1 toll-free number."
    assert numbers_seen(tenant) == ["18445551212"]


def test_it_is_two_calls_and_a_line_of_history(actor: Actor, tenant: Tenant, access: Access) -> None:
    test = check_connection(actor, tenant, access)
    calls = Call.objects.filter(subject_id=test.pk).order_by("id")
    assert [(call.purpose, call.status) for call in calls] == [
        ("get a Genesys Cloud token", 200),
        ("list toll-free numbers", 200),
    ]
    assert '"verb":"connection.tested"' in last_event(tenant)
    assert '"result":[null,"works"]' in last_event(tenant)


def test_a_test_takes_a_new_token_for_the_old_one_proves_nothing(
    actor: Actor, tenant: Tenant, access: Access, sandbox: Control
) -> None:
    token_for(access)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "wrong", binding=access.binding)
    assert not check_connection(actor, tenant, access).ok


def test_another_region_knows_no_such_client(actor: Actor, tenant: Tenant, access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.delete_client()
    test = check_connection(actor, tenant, access)
    assert test.mistake == "wrong_region"
    assert "knows no OAuth client" in test.sentence
    assert "the organisation is in another region" in test.sentence


def test_a_wrong_secret(actor: Actor, tenant: Tenant, access: Access) -> None:
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "wrong", binding=access.binding)
    test = check_connection(actor, tenant, access)
    assert test.mistake == "wrong_secret"
    assert "Copy the secret again" in test.sentence


@pytest.mark.parametrize("status", [400, 401])
def test_a_refusal_in_html_is_read_too(
    actor: Actor, tenant: Tenant, access: Access, sandbox: Control, status: Literal[400, 401]
) -> None:
    sandbox.genesys_cloud.settings(invalid_client="html", invalid_client_status=status)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "wrong", binding=access.binding)
    test = check_connection(actor, tenant, access)
    assert test.mistake == "wrong_region"
    assert "did not accept client id and secret" in test.sentence


def test_the_api_where_the_login_belongs(actor: Actor, tenant: Tenant, access: Access) -> None:
    test = check_connection(actor, tenant, replace(access, login_url=access.api_url))
    assert test.mistake == "api_for_login"
    assert "the host that begins with login., not api. or apps." in test.sentence


@pytest.mark.parametrize(("host", "what"), [("api", "API"), ("apps", "organisation's own pages")])
def test_the_right_login_is_named_where_the_host_tells_it(host: str, what: str) -> None:
    wrong = Access(Tenant().pk, f"https://{host}.mypurecloud.ie", "https://api.mypurecloud.ie", "x")
    found = of_token(wrong, NotAllowed(f"{host}.mypurecloud.ie"))
    assert found.sentence == (
        f"The login URL is {host}.mypurecloud.ie, where the {what} is. Tokens come from login.mypurecloud.ie: "
        "enter that as login URL, then test again."
    )


def test_the_login_where_the_api_belongs(actor: Actor, tenant: Tenant, access: Access) -> None:
    test = check_connection(actor, tenant, replace(access, api_url=access.login_url))
    assert test.mistake == "no_api_there"
    assert "must name the host that begins with api." in test.sentence


def test_an_api_of_another_region_does_not_know_the_token(
    actor: Actor, tenant: Tenant, access: Access, sandbox: Control
) -> None:
    sandbox.fault("unauthorized", match={"path_contains": "tollfreenumbers"}, times=2)
    test = check_connection(actor, tenant, access)
    assert test.mistake == "wrong_region"
    assert "so the two URLs are of different regions" in test.sentence


def test_a_client_without_the_role(actor: Actor, tenant: Tenant, access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.revoke(VIEW)
    test = check_connection(actor, tenant, access)
    assert test.mistake == "missing_role"
    assert f"it lacks {VIEW}" in test.sentence
    assert "counts only for a new token" in test.sentence


def test_a_role_younger_than_the_token_is_named_once_a_new_one_has_it(
    actor: Actor, tenant: Tenant, access: Access, sandbox: Control
) -> None:
    sandbox.genesys_cloud.revoke(VIEW)
    check_connection(actor, tenant, access)
    sandbox.genesys_cloud.grant(VIEW)
    test = check_connection(actor, tenant, access)
    assert test.ok
    assert "because it was older than the client's role" in test.sentence


def test_a_host_that_nobody_answers_at(actor: Actor, tenant: Tenant, access: Access) -> None:
    nowhere = replace(access, login_url="http://127.0.0.1:9")
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, "x", binding=nowhere.binding)
    test = check_connection(actor, tenant, nowhere)
    assert test.mistake == "not_reachable"
    assert "127.0.0.1 does not take connections" in test.sentence


def test_too_many_requests(actor: Actor, tenant: Tenant, access: Access, sandbox: Control) -> None:
    sandbox.genesys_cloud.settings(token_rate_limit=1)
    check_connection(actor, tenant, access)
    test = check_connection(actor, tenant, access)
    assert test.mistake == "busy"
    assert "Wait, then try again." in test.sentence


OTHERS = [
    *("server_error", "internal_error", "reset", "reply_lost", "empty_object", "empty_201", "redirect_302"),
    *("too_many_requests", "json_null", "json_array", "truncated_json", "huge_json", "deep_json", "hostile_message"),
    *("teapot", "html_200", "gzip_bomb", "conflict", "nul_in_text"),
]


@pytest.mark.parametrize("where", ["/oauth/token", "tollfreenumbers"])
def test_every_other_fault_ends_in_words(
    actor: Actor, tenant: Tenant, access: Access, sandbox: Control, where: str
) -> None:
    for name in OTHERS:
        sandbox.clear()
        sandbox.fault(name, match={"path_contains": where}, times=2)
        test = check_connection(actor, tenant, access)
        assert not test.ok, name
        assert test.sentence.endswith("."), name
        assert "Whether the request was carried out" not in test.sentence  # asking changes nothing


def test_the_newest_test_is_shown(actor: Actor, tenant: Tenant, access: Access, sandbox: Control) -> None:
    check_connection(actor, tenant, access)
    sandbox.fault("server_error", times=1)
    newest = check_connection(actor, tenant, access)
    assert last_test(tenant) == newest
    assert ConnectionTest.objects.count() == 2
