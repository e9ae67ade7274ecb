"""Step-up at what replaces a live service, and at what takes the history along."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.evidence.models import Pack, PackState
from portal.tenants.models import Tenant
from provisioning.models import Service, ServiceState, Setup, SetupState
from tests.support.cast import PASSWORD

SignIn = Callable[[User], Client]


def a_while_ago(client: Client) -> Client:
    """The browser of somebody whose proof is too old."""
    client.get("/")
    Session.objects.update(proven_at=timezone.now() - timedelta(seconds=601))
    return client


def asked(path: str) -> str:
    return f"{reverse('account_reauthenticate')}?next={quote(path, safe='')}"


@pytest.fixture
def service(tenant: Tenant) -> Service:
    """One that holds other values than were sent."""
    setup = Setup.objects.create(tenant=tenant, option="kaleyra", state=SetupState.DIFFERS)
    facts = {"name": "SMS", "state": ServiceState.DIFFERS, "setup": setup, "since": timezone.now()}
    return Service.objects.create(tenant=tenant, **facts, sent={"body": {}}, wanted={"body": {"service": "SMS"}})


def test_replacing_a_service_asks_for_the_proof_and_comes_back(
    administrator: User, service: Service, client_of: SignIn
) -> None:
    client = a_while_ago(client_of(administrator))
    back = reverse("services", args=[service.tenant_id])
    answer = client.post(reverse("service_replace", args=[service.pk]))
    assert answer.headers["Location"] == asked(back)
    assert Setup.objects.count() == 1
    after = client.post(answer.headers["Location"], {"password": PASSWORD, "next": back}, follow=True)
    assert "what you sent was not taken and nothing was changed" in after.content.decode()
    answer = client.post(reverse("service_replace", args=[service.pk]))
    assert not answer.headers["Location"].startswith(reverse("account_reauthenticate"))


def test_making_and_downloading_a_pack_asks_for_the_proof(auditor: User, tenant: Tenant, client_of: SignIn) -> None:
    pack = Pack.objects.create(
        asked_by_id=auditor.pk, asked_by_label=auditor.email, chains=[str(tenant.pk)], state=PackState.DONE
    )
    client = a_while_ago(client_of(auditor))
    new, download = reverse("evidence:pack_new"), reverse("evidence:pack_download", args=[pack.pk])
    for answer in (client.get(new), client.post(new, {})):
        assert answer.headers["Location"] == asked(new)
    assert client.get(download).headers["Location"] == asked(download)
    assert Pack.objects.count() == 1
    assert client.get(reverse("evidence:pack", args=[pack.pk])).status_code == 200
