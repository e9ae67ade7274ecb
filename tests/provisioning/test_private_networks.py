"""An address in a private network that nobody named is refused at every entry, in words that name the setting."""

import socket
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.http_client.models import Call
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from provisioning.models import Service, Setup
from provisioning.services import actions
from tests.portal.tenants.pages import error_at, fields
from tests.provisioning import kaleyra
from tests.provisioning.apply.conftest import ACME, Apply, apply, folder  # noqa: F401 - fixtures
from tests.provisioning.kaleyra import Visitor
from tests.support.cast import API_KEY

pytestmark = pytest.mark.django_db(transaction=True)

_SAYS = "leads into a private network that OUTBOUND_PRIVATE_NETWORKS does not name."
_OUTSIDE = ["100.64.1.2", "[::ffff:100.64.1.2]", "[64:ff9b::100.64.1.2]", "192.168.3.4", "[fd77::1]"]


@pytest.fixture
def one_network(settings: Settings) -> Callable[[], None]:
    """Judge addresses as production with one private network does, from now on: the fixtures speak to loopback."""

    def judge() -> None:
        settings.OUTBOUND_LOOPBACK_ONLY = settings.OUTBOUND_ALLOW_LOOPBACK = False
        settings.OUTBOUND_PRIVATE_NETWORKS = ["10.20.0.0/16"]

    return judge


@pytest.fixture
def leads_to(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have every name lead to this address, at the one place that asks DNS."""

    def lead(address: str) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        found = [(family, socket.SOCK_STREAM, 6, "", (address, 0))]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_given, **_named: found)

    return lead


@pytest.mark.parametrize("host", _OUTSIDE)
def test_the_form_of_a_tenant_says_so(
    client_of: Callable[[User], Client], site_administrator: User, one_network: Callable[[], None], host: str
) -> None:
    one_network()
    site_client = client_of(site_administrator)
    assert _SAYS in error_at(site_client.post("/tenants/add/", fields(nexus_url=f"http://{host}:8080")), "nexus_url")
    assert not Tenant.objects.exists()


@pytest.mark.parametrize("host", _OUTSIDE)
def test_a_step_of_a_draft_says_so_and_keeps_nothing(
    visitor: Visitor, one_network: Callable[[], None], host: str
) -> None:
    one_network()
    page = visitor.save("account", kaleyra.ACCOUNT | {"kaleyraURL": f"http://{host}"})
    assert _SAYS in error_at(page, "kaleyraURL")
    visitor.setup.refresh_from_db()
    assert visitor.setup.version == 0


@pytest.mark.parametrize("host", _OUTSIDE)
def test_a_file_says_so_at_its_line(apply: Apply, one_network: Callable[[], None], host: str) -> None:  # noqa: F811 - the fixture
    one_network()
    for arguments in (("--inline",), ("--dry-run",)):
        applied = apply("tenants:\n" + ACME.replace("http://SANDBOX", f'"http://{host}"'), *arguments)
        assert applied.code == 2
        assert "tenants[0].nexus_url" in applied.err
        assert _SAYS in applied.err
    assert not Tenant.objects.exists()


@pytest.mark.parametrize("address", ["100.64.1.2", "::ffff:100.64.1.2", "192.168.3.4", "fd77::1"])
def test_a_run_whose_name_leads_there_stops_in_words(  # noqa: PLR0917 - the parts
    actor: Actor,
    tenant: Tenant,
    wake_ups: list[str],
    leads_to: Callable[[str], None],
    one_network: Callable[[], None],
    address: str,
) -> None:
    one_network()
    leads_to(address)
    moved = edit_tenant(command_line(), tenant, nexus_url="http://nexus.example", nexus_api_key=API_KEY)
    setup = kaleyra.run(kaleyra.queued(actor, moved))
    call = Call.objects.get()
    assert (call.error_code, _SAYS in call.sentence, setup.state) == ("address_refused", True, "failed")
    assert any(_SAYS in step.sentence for step in setup.steps.all())


def test_a_check_of_a_service_says_so(
    actor: Actor, queued: Setup, sandbox: Control, one_network: Callable[[], None]
) -> None:
    kaleyra.run(queued)
    service = Service.objects.filter(setup=queued)[0]
    before = len(sandbox.ledger())
    one_network()
    actions.ask_check(actor, service)
    actions.check(service.pk)
    service.refresh_from_db()
    assert "OUTBOUND_PRIVATE_NETWORKS cannot allow it." in service.check_sentence
    assert len(sandbox.ledger()) == before
