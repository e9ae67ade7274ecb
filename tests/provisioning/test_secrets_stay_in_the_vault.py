import re

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Session
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.encryption import decrypt
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import ACCOUNT, SECRETS, Visitor, answers, facts, whole_database
from tests.support.stored import stored_values

# What a careless page would do to them.
SPELLINGS = [*SECRETS.values(), "&quot;sms&quot;", "pa$$word"]


def walk(visitor: Visitor, tenant: Tenant) -> list[str]:
    """Fill in the wizard by its pages and return all that was shown on the way."""
    shown = []
    for step, values in answers(tenant).items():
        shown.append(visitor.see(step).content.decode())
        saved = visitor.save(step, values | SECRETS if step == "prerequisites" else values)
        shown.append(visitor.client.get(saved["Location"]).content.decode())
        shown.append(visitor.see(step).content.decode())
    return shown


@pytest.mark.parametrize("secret", SPELLINGS)
def test_no_page_of_the_wizard_shows_one(visitor: Visitor, tenant: Tenant, secret: str) -> None:
    assert not [page for page in walk(visitor, tenant) if secret in page]


def test_a_page_with_errors_or_a_conflict_shows_none(visitor: Visitor) -> None:
    wrong = visitor.save("account", ACCOUNT | {"kaleyraURL": "ftp://x"})
    visitor.save("account", ACCOUNT)
    late = visitor.save("account", ACCOUNT | {"kaleyraURL": "http://other.example"}, version=0)
    assert (wrong.status_code, late.status_code) == (200, 409)
    for page in (wrong, late):
        assert not [secret for secret in SPELLINGS if secret in page.content.decode()]


def test_after_the_run_no_table_holds_one(
    actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, client: Client, wake_ups: list[str]
) -> None:
    sandbox.fault("echo_secrets_in_error", times=1)
    setup = kaleyra.run(kaleyra.queued(actor, tenant_at_sandbox))
    assert setup.state == "failed"
    text = whole_database()
    assert str(setup.pk) in text
    found = [secret for secret in SECRETS.values() if secret in text or secret.encode().hex() in text]
    assert not found


def test_the_session_holds_none(visitor: Visitor, tenant: Tenant) -> None:
    walk(visitor, tenant)
    kept = "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert kept
    assert not [secret for secret in SPELLINGS if secret in kept]


def test_the_opened_draft_holds_none(draft: Setup) -> None:
    assert draft.answers is not None
    opened = decrypt(draft.answers, draft.answers_place()).decode()
    assert "directtext" in opened
    assert not re.search("kaleyraPassword|kaleyraUserName|apiKey", opened)
    assert not [secret for secret in SECRETS.values() if secret in opened]


def test_the_draft_in_the_database_is_sealed(draft: Setup) -> None:
    assert draft.answers is not None
    assert b"directtext" not in bytes(draft.answers)


def test_an_empty_secret_keeps_what_is_stored(visitor: Visitor, tenant: Tenant) -> None:
    visitor.save("account", ACCOUNT)
    before = bytes(Credential.objects.get(kind=Kind.KALEYRA_PASSWORD).ciphertext)
    assert visitor.save("account", ACCOUNT | {"kaleyraUserName": "new", "kaleyraPassword": ""}).status_code == 302
    assert bytes(Credential.objects.get(kind=Kind.KALEYRA_PASSWORD).ciphertext) == before
    kept = stored_values(tenant.pk, [Kind.KALEYRA_USER_NAME, Kind.KALEYRA_PASSWORD])
    assert kept == {"kaleyraUserName": "new", "kaleyraPassword": SECRETS["kaleyraPassword"]}


def test_a_stored_one_is_told_by_its_fingerprint(visitor: Visitor, tenant: Tenant) -> None:
    stored = Credential.objects.get(kind=Kind.NEXUS_API_KEY)
    assert f"Stored: fingerprint {stored.fingerprint}" in visitor.see("prerequisites").content.decode()


def test_the_tenants_page_shows_fingerprints_only(reviewer: Visitor, tenant: Tenant) -> None:
    page = reviewer.client.get(reverse("tenant", args=[tenant.pk])).content.decode()
    assert Credential.objects.get(kind=Kind.KALEYRA_PASSWORD).fingerprint in page
    assert not [secret for secret in SPELLINGS if secret in page]


def test_a_refused_step_stores_no_secret(visitor: Visitor, tenant: Tenant) -> None:
    visitor.save("prerequisites", facts(tenant) | {"ccid": "wrong", "apiKey": "a new key"})
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY])["apiKey"] == SECRETS["apiKey"]
