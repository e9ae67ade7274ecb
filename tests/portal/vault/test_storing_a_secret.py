import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.models import Tenant
from portal.vault.actions import CredentialMissing, reveal_for_sending, store_credential
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from tests.support.cast import API_KEY


def store(actor: Actor, tenant: Tenant, value: str) -> Credential:
    return store_credential(actor, tenant.pk, Kind.NEXUS_API_KEY, value)


def take(tenant: Tenant, *kinds: Kind) -> dict[str, str]:
    """Take secrets out for a request to the tenant's Nexus."""
    binding = Binding.to(tenant.nexus_url)
    return reveal_for_sending(tenant.pk, dict.fromkeys(kinds, binding), sent_to=[tenant.nexus_url])


def stored_changes(verb: Verb) -> dict[str, Any]:
    event = Event.objects.filter(verb=verb).latest("id")
    changes: dict[str, Any] = json.loads(bytes(event.canonical))["changes"]
    return changes


def test_the_same_value_again_changes_nothing_and_writes_no_event(actor: Actor, tenant: Tenant) -> None:
    before = Credential.objects.values().get()
    events = Event.objects.count()
    store(actor, tenant, API_KEY)
    assert Credential.objects.values().get() == before
    assert Event.objects.count() == events


def test_the_first_value_writes_an_event_with_its_fingerprint(tenant: Tenant) -> None:
    after = Credential.objects.get().fingerprint
    assert stored_changes(Verb.CREDENTIAL_STORED) == {
        "value": [None, f"changed, fingerprint {after}"],
        "goes to": [None, "http://127.0.0.1:9"],
    }


def test_a_new_value_writes_an_event_with_both_fingerprints(actor: Actor, tenant: Tenant) -> None:
    before = Credential.objects.get().fingerprint
    after = store(actor, tenant, "another-key").fingerprint
    assert stored_changes(Verb.CREDENTIAL_REPLACED) == {
        "value": [f"fingerprint {before}", f"changed, fingerprint {after}"]
    }


def test_no_event_and_no_column_holds_a_value(actor: Actor, tenant: Tenant) -> None:
    store(actor, tenant, "another-key")
    everything = b"".join(bytes(event.canonical) for event in Event.objects.all())
    row = repr(
        [bytes(value) if isinstance(value, memoryview) else value for value in Credential.objects.values_list()[0]]
    )
    for value in (API_KEY, "another-key"):
        assert value.encode() not in everything
        assert value not in row
        assert value not in str(Credential.objects.get())


def test_it_says_who_set_it(actor: Actor, administrator: User, tenant: Tenant) -> None:
    credential = store(actor, tenant, "another-key")
    assert (credential.set_by, credential.set_by_label) == (administrator, administrator.email)


def test_it_says_when_it_was_last_used(actor: Actor, tenant: Tenant) -> None:
    set_at = store(actor, tenant, "another-key").set_at
    assert not Credential.objects.exclude(last_used_at=None).exists()
    take(tenant, Kind.NEXUS_API_KEY)
    assert Credential.objects.filter(last_used_at__gt=set_at).exists()


def test_a_secret_that_was_never_stored_is_named(tenant: Tenant) -> None:
    with pytest.raises(CredentialMissing, match=r"Kaleyra password of this tenant is not stored yet\. Enter it"):
        take(tenant, Kind.NEXUS_API_KEY, Kind.KALEYRA_PASSWORD)


def test_another_tenants_secret_is_not_taken(tenant: Tenant, other_tenant: Tenant) -> None:
    Credential.objects.filter(tenant=tenant).delete()
    with pytest.raises(CredentialMissing):
        take(tenant, Kind.NEXUS_API_KEY)


def test_only_administrators_of_the_tenant_store_secrets(
    auditor: User, representative: User, outsider: User, site_administrator: User, tenant: Tenant
) -> None:
    for user in (auditor, representative, outsider, site_administrator):
        with pytest.raises(PermissionDenied):
            store(person(user), tenant, "another-key")


@pytest.mark.databases
def test_first_values_stored_at_once_become_one_row_and_a_chain_of_events(
    transactional_db: None, tenant: Tenant
) -> None:
    def store_one(number: int) -> None:
        try:
            store_credential(command_line(), tenant.pk, Kind.KALEYRA_PASSWORD, f"password {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(store_one, range(4)))
    assert Credential.objects.filter(kind=Kind.KALEYRA_PASSWORD).count() == 1
    assert Event.objects.filter(verb=Verb.CREDENTIAL_REPLACED).count() == 3
