"""A stored secret is sent to the addresses that it was entered for, and nowhere else."""

import pytest

from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import (
    CredentialElsewhere,
    CredentialMissing,
    adopt_draft,
    forget_draft,
    reveal_for_sending,
    store_credential,
)
from portal.vault.binding import Binding
from portal.vault.encryption import DecryptionError
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from tests.support.cast import API_KEY

HERE, THERE = "https://sms.example.com/v1", "https://elsewhere.example.com"


def store(tenant: Tenant, value: str, *urls: str, draft: str = "", client: str = "") -> Credential:
    kind = Kind.CLIENT_SECRET if client else Kind.KALEYRA_PASSWORD
    binding = Binding.to(*urls, nexus_url=tenant.nexus_url, client_id=client)
    return store_credential(command_line(), tenant.pk, kind, value, binding=binding, draft=draft)


def take(tenant: Tenant, *urls: str, to: str = "", draft: str = "", client: str = "", superseded: bool = False) -> str:
    kind = Kind.CLIENT_SECRET if client else Kind.KALEYRA_PASSWORD
    uses = {kind: Binding.to(*urls, nexus_url=tenant.nexus_url, client_id=client)}
    sent_to = [to or tenant.nexus_url]
    return reveal_for_sending(tenant.pk, uses, sent_to=sent_to, draft=draft, superseded=superseded)[kind.value]


def test_it_goes_where_it_was_entered_for_by_any_path(tenant: Tenant) -> None:
    store(tenant, "geheim", HERE)
    assert take(tenant, "https://SMS.example.com:443/v2") == "geheim"


def test_it_does_not_go_elsewhere_and_the_sentence_names_both_addresses(tenant: Tenant) -> None:
    store(tenant, "geheim", HERE)
    with pytest.raises(CredentialElsewhere) as refused:
        take(tenant, THERE)
    assert str(refused.value) == (
        "Kaleyra password: what is stored was entered for https://sms.example.com, http://127.0.0.1:9, so it is not "
        "sent to https://elsewhere.example.com. Enter it again."
    )


def test_a_request_to_another_address_does_not_get_it_whatever_its_sender_says(tenant: Tenant) -> None:
    store(tenant, "geheim", HERE)
    with pytest.raises(CredentialElsewhere, match="not sent to https://elsewhere"):
        take(tenant, HERE, to=THERE)


def test_one_that_was_entered_for_no_address_goes_nowhere(tenant: Tenant) -> None:
    store_credential(command_line(), tenant.pk, Kind.KALEYRA_PASSWORD, "geheim")
    with pytest.raises(CredentialElsewhere, match="entered for no address"):
        take(tenant, HERE)


def test_a_new_value_without_an_address_goes_where_the_old_one_went(tenant: Tenant) -> None:
    store(tenant, "geheim", HERE)
    store_credential(command_line(), tenant.pk, Kind.KALEYRA_PASSWORD, "neu")
    assert take(tenant, HERE) == "neu"
    with pytest.raises(CredentialElsewhere):
        take(tenant, THERE)


@pytest.mark.databases
def test_an_address_that_is_changed_in_the_table_opens_nothing(tenant: Tenant) -> None:
    store(tenant, "geheim", HERE)
    Credential.objects.filter(kind=Kind.KALEYRA_PASSWORD).update(origins="https://elsewhere.example.com")
    with pytest.raises(DecryptionError):
        take(tenant, THERE)


def test_the_same_value_for_another_address_is_an_event_that_names_both(tenant: Tenant) -> None:
    store(tenant, "geheim", HERE)
    store(tenant, "geheim", THERE)
    assert take(tenant, THERE) == "geheim"
    event = bytes(Event.objects.filter(verb=Verb.CREDENTIAL_REPLACED).latest("id").canonical).decode()
    assert '"goes to":["https://sms.example.com, http://127.0.0.1:9"' in event
    assert "fingerprint" not in event


class TestTheTenantsDigitalChannels:
    def test_a_new_host_forgets_the_key_and_keeps_all_others_from_it(self, tenant: Tenant) -> None:
        store(tenant, "geheim", HERE)
        edit_tenant(command_line(), tenant, nexus_url="http://127.0.0.1:10")
        tenant.refresh_from_db()
        assert not Credential.objects.filter(kind=Kind.NEXUS_API_KEY).exists()
        with pytest.raises(CredentialElsewhere, match=r"not sent to http://127\.0\.0\.1:10"):
            take(tenant, HERE)
        assert Event.objects.filter(verb=Verb.CREDENTIAL_FORGOTTEN).count() == 1

    def test_changing_it_back_brings_nothing_back(self, tenant: Tenant) -> None:
        store(tenant, "geheim", HERE)
        before = tenant.nexus_url
        for url in ("http://127.0.0.1:10", before):
            edit_tenant(command_line(), tenant, nexus_url=url)
        tenant.refresh_from_db()
        assert not Credential.objects.filter(kind=Kind.NEXUS_API_KEY).exists()
        with pytest.raises(CredentialElsewhere):
            take(tenant, HERE)

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/gateway", "HTTP://127.0.0.1:9/"])
    def test_another_path_asks_for_nothing(self, tenant: Tenant, url: str) -> None:
        store(tenant, "geheim", HERE)
        tenant = edit_tenant(command_line(), tenant, nexus_url=url)
        uses = {Kind.NEXUS_API_KEY: Binding.to(tenant.nexus_url)}
        assert reveal_for_sending(tenant.pk, uses, sent_to=[tenant.nexus_url]) == {"apiKey": API_KEY}
        assert take(tenant, HERE) == "geheim"

    @pytest.mark.parametrize("url", ["https://127.0.0.1:9", "http://127.0.0.1:10", "http://localhost:9"])
    def test_a_new_key_goes_to_the_new_address_alone(self, tenant: Tenant, url: str) -> None:
        old = tenant.nexus_url
        tenant = edit_tenant(command_line(), tenant, nexus_url=url, nexus_api_key="the new key")
        uses = {Kind.NEXUS_API_KEY: Binding.to(url)}
        assert reveal_for_sending(tenant.pk, uses, sent_to=[url]) == {"apiKey": "the new key"}
        with pytest.raises(CredentialElsewhere):
            reveal_for_sending(tenant.pk, {Kind.NEXUS_API_KEY: Binding.to(old)}, sent_to=[old])


class TestDrafts:
    def test_live_work_does_not_see_what_waits_in_a_draft(self, tenant: Tenant) -> None:
        store(tenant, "live", HERE)
        store(tenant, "of the draft", HERE, draft="a")
        assert (take(tenant, HERE), take(tenant, HERE, draft="a")) == ("live", "of the draft")
        assert take(tenant, HERE, draft="b") == "live"

    def test_a_draft_that_is_started_takes_the_place(self, tenant: Tenant, actor: Actor) -> None:
        store(tenant, "live", HERE)
        store(tenant, "of the draft", THERE, draft="a")
        adopt_draft(actor, tenant.pk, "a")
        assert take(tenant, THERE) == "of the draft"
        assert Credential.objects.filter(kind=Kind.KALEYRA_PASSWORD).count() == 1

    def test_a_draft_that_is_discarded_forgets_its_own_and_no_other(self, tenant: Tenant, actor: Actor) -> None:
        store(tenant, "live", HERE)
        store(tenant, "of the draft", HERE, draft="a")
        forget_draft(actor, tenant.pk, "a")
        forget_draft(actor, tenant.pk, "")
        assert take(tenant, HERE, draft="a") == "live"


class TestClients:
    def test_each_client_has_its_own_secret(self, tenant: Tenant) -> None:
        store(tenant, "of one", HERE, client="one")
        store(tenant, "of two", HERE, client="two")
        assert take(tenant, HERE, client="two") == "of two"
        assert take(tenant, HERE, client="one", superseded=True) == "of one"

    def test_the_older_clients_secret_is_for_its_own_numbers_and_not_offered_again(self, tenant: Tenant) -> None:
        store(tenant, "of one", HERE, client="one")
        store(tenant, "of two", HERE, client="two")
        with pytest.raises(CredentialMissing, match="not stored yet"):
            take(tenant, HERE, client="one")

    def test_one_client_at_two_addresses_has_two(self, tenant: Tenant) -> None:
        store(tenant, "here", HERE, client="one")
        store(tenant, "there", THERE, client="one")
        assert take(tenant, THERE, client="one") == "there"
        assert take(tenant, HERE, client="one", superseded=True) == "here"
        with pytest.raises(CredentialElsewhere):
            take(tenant, HERE, client="one")
