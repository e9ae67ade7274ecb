from django.urls import reverse

from genesys_cloud.models import ConnectionTest
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import VIEW
from portal.http_client.models import Call
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import Visitor


def press(visitor: Visitor, values: dict[str, str], **more: str) -> str:
    """Press "Test connection", and return the page that it leads to."""
    visitor.setup.refresh_from_db()
    url = reverse("genesys_cloud_test", args=[visitor.setup.pk])
    page = visitor.client.post(url, {**values, "version": str(visitor.setup.version), "test": "1", **more}, follow=True)
    return page.content.decode()


def test_it_saves_asks_and_tells(tester: Visitor, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number(cloud.NUMBER)
    page = press(tester, cloud.credentials(""))
    assert "The connection works" in page
    assert "it sees 1 toll-free number." in page
    assert "$clientSecret" in page  # the curl twins of both calls
    assert "$access_token" in page


def test_the_numbers_are_offered_at_the_sender_id(tester: Visitor, sandbox: Control) -> None:
    sandbox.genesys_cloud.put_number(cloud.NUMBER)
    press(tester, cloud.credentials(""))
    assert "+1 844 555 1212" in tester.see("sender").content.decode()


def test_a_mistake_is_named_on_the_page_with_its_calls(tester: Visitor, sandbox: Control) -> None:
    sandbox.genesys_cloud.revoke(VIEW)
    page = press(tester, cloud.credentials(""))
    assert "Missing role or permission" in page
    assert f"it lacks {VIEW}" in page
    call = Call.objects.latest("id")
    assert call.status == 403
    assert f'id="call-{call.pk}"' in page
    assert call.correlation_id in page


def test_a_secret_typed_just_now_is_the_one_that_is_tested(tester: Visitor) -> None:
    assert "Copy the secret again" in press(tester, cloud.credentials("a wrong secret"))
    assert "The connection works" in press(tester, cloud.credentials())


def test_bad_input_is_told_at_its_field_and_tests_nothing(tester: Visitor, sandbox: Control) -> None:
    page = press(tester, {"clientId": "acme", "clientSecret": ""})
    assert 'id="id_clientId_error"' in page
    assert not ConnectionTest.objects.exists()
    assert sandbox.ledger() == []


def test_the_page_with_errors_still_saves_and_goes_on(tester: Visitor) -> None:
    tester.setup.refresh_from_db()
    url = reverse("genesys_cloud_test", args=[tester.setup.pk])
    saved = tester.client.post(url, {**cloud.credentials(""), "version": tester.setup.version})
    assert saved["Location"] == tester.url("cluster_key")
    assert tester.client.get(url)["Location"] == tester.url("credentials")


def test_somebody_elses_save_is_not_overwritten(tester: Visitor, sandbox: Control) -> None:
    assert "Somebody else saved this draft" in press(tester, cloud.credentials(""), version="0")
    assert sandbox.ledger() == []


def test_without_urls_it_says_which_step_comes_first(visitor: Visitor, sandbox: Control) -> None:
    assert "answer the step Organisation first" in press(visitor, cloud.credentials())
    assert sandbox.ledger() == []


def test_the_page_shows_no_secret(tester: Visitor, sandbox: Control) -> None:
    sandbox.fault("echo_secrets_in_error", match={"path_contains": "/oauth/token"}, times=1)
    page = press(tester, cloud.credentials("CNRY-secret-of-the-client"))
    assert "CNRY-secret" not in page
