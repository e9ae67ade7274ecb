"""Two presses are one test of the connection."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from genesys_cloud.access import Access
from genesys_cloud.connection_test import check_connection, last_test
from genesys_cloud.models import ConnectionTest
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from tests.provisioning.collisions.crowd import at_once
from tests.provisioning.kaleyra import verbs
from tests.support.sweeping import sweep

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]

TOKEN = {"path_contains": "oauth"}


def press(actor: Actor, tenant: Tenant, access: Access) -> str:
    try:
        return check_connection(actor, tenant, access).sentence
    except ValidationError as error:
        return " ".join(error.messages)


def test_two_presses_at_the_same_moment_are_one_test(
    actor: Actor, tenant: Tenant, access: Access, sandbox: Control
) -> None:
    sandbox.settings(latency_ms=300)
    try:
        told = at_once([lambda: press(actor, tenant, access)] * 2)
    finally:
        sandbox.settings(latency_ms=0)
    assert sorted(sentence.partition(" ")[0] for sentence in told) == ["A", "The"]
    assert "A test of this tenant's connection is running already." in " ".join(told)
    assert ConnectionTest.objects.get().ok
    assert verbs(tenant).count("connection.tested") == 1


def test_a_test_whose_web_process_died_ends_in_words_and_bars_nobody(
    actor: Actor, tenant: Tenant, access: Access
) -> None:
    now = timezone.now()
    facts = {"login_url": access.login_url, "api_url": access.api_url, "client_id": access.client_id}
    dead = ConnectionTest.objects.create(tenant=tenant, at=now, by_label="ops", lease_until=now, **facts)
    assert last_test(tenant) is None
    sweep()
    dead.refresh_from_db()
    assert dead.sentence.startswith("The portal was stopped while it tested")
    assert verbs(tenant)[-1] == "work.given_up"
    ConnectionTest.objects.update(lease_until=now - timedelta(hours=1))
    assert check_connection(actor, tenant, access).ok


def test_one_that_cannot_ask_bars_nobody(actor: Actor, tenant: Tenant, access: Access) -> None:
    with_another = Access(tenant.pk, access.login_url, access.api_url, "another-client")
    press(actor, tenant, with_another)
    assert not ConnectionTest.objects.filter(lease_until__isnull=False).exists()
    assert check_connection(actor, tenant, access).ok
