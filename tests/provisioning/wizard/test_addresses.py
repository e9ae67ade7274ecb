"""When an address changes to which a secret goes, the secret is asked for anew, with a proof of who is there."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from genesys_cloud.tokens import new_token
from portal.accounts.models import Session, User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Service, Setup
from provisioning.options.genesys_cloud.access import access_of_tenant
from provisioning.runs.actions import start_setup
from provisioning.services import actions
from provisioning.wizard import drafts
from provisioning.wizard.actions import begin_setup, save_step
from provisioning.wizard.drafts import open_steps
from tests.provisioning import kaleyra
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import ACCOUNT, Visitor, facts
from tests.support.wake_ups import heard

AGAIN = "Enter it again."


@pytest.fixture(autouse=True)
def wake_ups(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The ids that were published, instead of a queue that a live worker listens to."""
    return heard(monkeypatch)


@pytest.fixture
def browser(administrator: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(administrator)


@pytest.fixture
def done(actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control) -> Setup:
    """A tenant that is set up with Kaleyra."""
    setup = kaleyra.run(kaleyra.queued(actor, tenant_at_sandbox))
    assert setup.state == "succeeded"
    return setup


def age() -> None:
    """Let the last proof of who is there run out."""
    Session.objects.update(proven_at=timezone.now() - timedelta(seconds=601))


def prove() -> None:
    """Give it again."""
    Session.objects.update(proven_at=timezone.now())


def edit(browser: Client, tenant: Tenant, **changes: str) -> str:
    """Send the tenant's form; returns where it leads, or the page with what is wrong."""
    tenant.refresh_from_db()
    values = {"name": tenant.name, "ccid": tenant.ccid, "nexus_url": tenant.nexus_url, "nexus_api_key": ""} | changes
    answer = browser.post(reverse("tenants:edit", args=[tenant.pk]), values)
    return answer.headers.get("Location") or unescape(answer.content.decode())


def checked(actor: Actor, tenant: Tenant) -> str:
    """Press Check, and do the worker's part; returns its sentence."""
    service = Service.objects.filter(tenant=tenant).latest("since")
    actions.ask_check(actor, service)
    actions.check(service.pk)
    service.refresh_from_db()
    return service.check_sentence


def can_ask(tenant: Tenant) -> str:
    """Fetch a new token as live work would; returns the client's id."""
    access = access_of_tenant(tenant)
    assert access is not None
    new_token(access)
    return access.client_id


def test_an_old_proof_moves_no_tenant_and_what_was_typed_is_kept(
    browser: Client, done: Setup, second_sandbox: Control, sandbox: Control
) -> None:
    age()
    typed = {"name": "Acme 2", "nexus_url": second_sandbox.url, "nexus_api_key": "typed-key"}
    assert "/accounts/reauthenticate/" in edit(browser, done.tenant, **typed)
    done.tenant.refresh_from_db()
    assert (done.tenant.name, done.tenant.nexus_url) == ("Acme", sandbox.url)
    prove()
    page = browser.get(reverse("tenants:edit", args=[done.tenant_id])).content.decode()
    assert 'value="Acme 2"' in page
    assert f'value="{second_sandbox.url}"' in page
    assert not [row for row in Session.objects.all() if "typed-key" in str(row.get_decoded())]
    assert 'value="Acme 2"' not in browser.get(reverse("tenants:edit", args=[done.tenant_id])).content.decode()


def test_a_fresh_proof_alone_moves_no_key_either(
    browser: Client, done: Setup, second_sandbox: Control, sandbox: Control
) -> None:
    page = edit(browser, done.tenant, nexus_url=second_sandbox.url)
    assert f"Nexus API key: what is stored was entered for {sandbox.url}, so it is not sent to" in page
    done.tenant.refresh_from_db()
    assert done.tenant.nexus_url == sandbox.url


def test_nothing_old_reaches_the_new_host(browser: Client, actor: Actor, done: Setup, second_sandbox: Control) -> None:
    tenant = done.tenant
    assert "/tenants/" in edit(browser, tenant, nexus_url=second_sandbox.url, nexus_api_key="new-key")
    page = unescape(browser.get(reverse("tenant", args=[tenant.pk])).content.decode())
    assert "is not handed to the new one: Kaleyra password, Kaleyra user name." in page
    checked(actor, tenant)
    with pytest.raises(Exception, match=AGAIN):
        actions.replace_service(actor, Service.objects.get(name="mGageSMS"))
    assert {line["headers"]["x-api-key"] for line in second_sandbox.ledger()} == {"new-key"}
    assert kaleyra.PASSWORD not in str(second_sandbox.ledger())


def test_a_key_that_was_not_given_again_is_forgotten_and_changing_back_brings_it_not_back(
    actor: Actor, done: Setup, second_sandbox: Control, sandbox: Control
) -> None:
    tenant = done.tenant
    before = len(sandbox.ledger())
    edit_tenant(actor, tenant, nexus_url=second_sandbox.url)
    assert "Nexus API key of this tenant is not stored yet" in checked(actor, tenant)
    edit_tenant(actor, tenant, nexus_url=sandbox.url)
    assert "Nexus API key of this tenant is not stored yet" in checked(actor, tenant)
    assert (second_sandbox.ledger(), len(sandbox.ledger())) == ([], before)


def test_whoever_writes_another_address_into_the_table_gets_nothing(
    actor: Actor, done: Setup, second_sandbox: Control
) -> None:
    Tenant.objects.update(nexus_url=second_sandbox.url)
    assert AGAIN in checked(actor, done.tenant)
    with pytest.raises(Exception, match=AGAIN):
        actions.replace_service(actor, Service.objects.get(name="mGageSMS"))
    assert second_sandbox.ledger() == []


@pytest.mark.parametrize("path", ["/", "/gateway"])
def test_another_path_asks_for_no_key(browser: Client, done: Setup, path: str) -> None:
    assert "/tenants/" in edit(browser, done.tenant, nexus_url=f"{done.tenant.nexus_url}{path}")
    assert Credential.objects.filter(kind="apiKey").exists()


class TestTheStepsOfAWizard:
    @pytest.fixture
    def changing(self, actor: Actor, done: Setup, browser: Client) -> Visitor:
        """The administrator at a draft that would change what is set up."""
        return Visitor(browser, begin_setup(actor, done.tenant, "kaleyra"))

    @pytest.mark.parametrize("step", ["prerequisites", "account"])
    def test_an_old_proof_moves_nothing(self, changing: Visitor, second_sandbox: Control, step: str) -> None:
        age()
        moved = {
            "prerequisites": facts(changing.setup.tenant) | {"nexusURL": second_sandbox.url},
            "account": ACCOUNT | {"kaleyraURL": second_sandbox.url, "kaleyraUserName": "", "kaleyraPassword": ""},
        }
        assert "/accounts/reauthenticate/" in changing.save(step, moved[step])["Location"]
        prove()
        assert f'value="{second_sandbox.url}"' in changing.see(step).content.decode()

    @pytest.mark.parametrize("step", ["prerequisites", "account"])
    def test_the_secret_is_asked_for_anew(self, changing: Visitor, second_sandbox: Control, step: str) -> None:
        moved = {
            "prerequisites": facts(changing.setup.tenant) | {"nexusURL": second_sandbox.url},
            "account": ACCOUNT | {"kaleyraURL": second_sandbox.url, "kaleyraUserName": "", "kaleyraPassword": ""},
        }
        page = changing.save(step, moved[step])
        assert page.status_code == 200
        assert f"is not sent to {second_sandbox.url}. {AGAIN}" in unescape(page.content.decode())

    def test_moving_the_tenant_opens_the_steps_whose_secrets_stay_behind(
        self, changing: Visitor, second_sandbox: Control
    ) -> None:
        typed = facts(changing.setup.tenant) | {"nexusURL": second_sandbox.url, "apiKey": "new-key"}
        assert changing.save("prerequisites", typed).status_code == 302
        setup = Setup.objects.select_related("tenant").get(pk=changing.setup.pk)
        assert [step.key for step in open_steps(setup)] == ["account"]
        answer = changing.client.get(reverse("setup_review", args=[setup.pk]), follow=True)
        assert f"is not sent to {second_sandbox.url}. {AGAIN}" in unescape(answer.content.decode())
        changing.do("start")
        setup.refresh_from_db()
        assert (setup.state, second_sandbox.ledger()) == ("draft", [])
        assert changing.save("account", ACCOUNT | {"kaleyraPassword": "of the new one"}).status_code == 302
        changing.do("start")
        assert kaleyra.run(setup).state == "succeeded"
        assert [line["body"]["secret"]["password"] for line in second_sandbox.ledger()] == ["of the new one"]

    def test_what_is_entered_in_a_draft_leaves_live_work_alone(
        self, changing: Visitor, second_sandbox: Control
    ) -> None:
        live = Credential.objects.get(kind="kaleyraPassword").fingerprint
        typed = ACCOUNT | {"kaleyraURL": second_sandbox.url, "kaleyraPassword": "of the draft"}
        assert changing.save("account", typed).status_code == 302
        assert Credential.objects.get(kind="kaleyraPassword", draft="").fingerprint == live
        changing.do("discard")
        assert Credential.objects.get(kind="kaleyraPassword").fingerprint == live


class TestTheGateway:
    def test_its_keys_do_not_follow_another_webhook(
        self, actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, second_sandbox: Control, browser: Client
    ) -> None:
        setup = gateway.complete_draft(actor, tenant_at_sandbox, asyncWebhookURL=f"{sandbox.url}/gateways/good")
        moved = gateway.GATEWAY | {"asyncWebhookURL": f"{second_sandbox.url}/gateways/good"}
        moved |= {"asyncAPISignatureKey": "", "asyncWebhookSignatureKey": ""}
        page = unescape(Visitor(browser, setup).save("gateway", moved).content.decode())
        assert page.count(f"is not sent to {second_sandbox.url}. {AGAIN}") >= 2
        setup.refresh_from_db()
        drafts.store_answers(setup, drafts.option_of(setup).step("gateway"), {**moved, "asyncPhoneNumber": ["12345"]})
        setup.save()  # whatever else may bring another address into the draft
        rehearsal = gateway.rehearsed(actor, setup)
        assert f"is not sent to {second_sandbox.url}" in rehearsal.grades[0]["sentence"]
        assert second_sandbox.ledger() == []

    def test_another_path_of_the_webhook_asks_for_nothing(
        self, actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control
    ) -> None:
        setup = gateway.complete_draft(actor, tenant_at_sandbox, asyncWebhookURL=f"{sandbox.url}/gateways/good")
        moved = gateway.GATEWAY | {"asyncWebhookURL": f"{sandbox.url}/gateways/good/"}
        moved |= {"asyncAPISignatureKey": "", "asyncWebhookSignatureKey": ""}
        assert save_step(actor, setup, "gateway", moved, setup.version).version == setup.version + 1


class TestGenesysCloud:
    @pytest.fixture
    def live(self, actor: Actor, tenant_at_sandbox: Tenant) -> Setup:
        """A tenant that is set up with Genesys Cloud."""
        setup = kaleyra.run(cloud.queued(actor, tenant_at_sandbox))
        assert setup.state == "succeeded"
        return setup

    @pytest.mark.parametrize("field", ["gcLoginURL", "gcAPIURL"])
    def test_another_login_or_api_asks_for_the_clients_secret(
        self, actor: Actor, live: Setup, browser: Client, second_sandbox: Control, field: str
    ) -> None:
        visitor = Visitor(browser, begin_setup(actor, live.tenant, "genesys_cloud"))
        moved = cloud.organisation(live.tenant.nexus_url) | {field: f"{second_sandbox.url}/host"}
        age()
        assert "/accounts/reauthenticate/" in visitor.save("organisation", moved)["Location"]
        prove()
        assert visitor.save("organisation", moved).status_code == 302
        setup = Setup.objects.select_related("tenant").get(pk=visitor.setup.pk)
        assert [step.key for step in open_steps(setup)] == ["credentials"]
        page = visitor.save("credentials", cloud.credentials(""))
        assert f"is not sent to {second_sandbox.url}. {AGAIN}" in unescape(page.content.decode())
        tested = {**cloud.credentials(""), "version": setup.version, "test": ""}
        browser.post(reverse("genesys_cloud_test", args=[setup.pk]), tested)
        assert second_sandbox.ledger() == []
        assert can_ask(live.tenant)

    def test_another_client_needs_its_own_secret(self, actor: Actor, live: Setup, browser: Client) -> None:
        visitor = Visitor(browser, begin_setup(actor, live.tenant, "genesys_cloud"))
        other = cloud.credentials("") | {"clientId": "11111111-2222-4333-8444-555555555555"}
        page = visitor.save("credentials", other)
        assert "none is stored for this client. Enter the one that belongs to it." in unescape(page.content.decode())

    def test_a_saved_step_of_a_draft_leaves_the_live_client_alone(
        self, actor: Actor, live: Setup, sandbox: Control
    ) -> None:
        made = sandbox.genesys_cloud.create_client()
        draft = begin_setup(actor, live.tenant, "genesys_cloud")
        for typed in ({"clientId": made["client_id"], "clientSecret": made["secret"]}, cloud.credentials("wrong")):
            draft = save_step(actor, draft, "credentials", typed, draft.version)
            assert can_ask(live.tenant)

    def test_a_draft_that_is_started_brings_its_client(self, actor: Actor, live: Setup, sandbox: Control) -> None:
        made = sandbox.genesys_cloud.create_client()
        draft = begin_setup(actor, live.tenant, "genesys_cloud")
        typed = {"clientId": made["client_id"], "clientSecret": made["secret"]}
        draft = save_step(actor, draft, "credentials", typed, draft.version)
        sandbox.settings(replace="accept")
        assert kaleyra.run(start_setup(actor, draft)).state == "succeeded"
        assert can_ask(live.tenant) == made["client_id"]
