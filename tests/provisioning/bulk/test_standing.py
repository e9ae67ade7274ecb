"""Nexus URL and contact centre id name a tenant together, and a file's secrets go only where the file says."""

from collections.abc import Callable

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from portal.accounts.actions import grant_role
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.core.tasks.publish import without_messages
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from provisioning.models import Service, Setup
from provisioning.services import actions
from tests.provisioning.apply.conftest import ACME, GLOBEX, Applied, Apply, call, file_of

CCID = "45acae06-6b7c-4f97-9c76-471cb5c21bf7"
LABORATORY = """\
  - name: Acme in the laboratory
    ccid: 45ACAE06-6B7C-4F97-9C76-471CB5C21BF7
    nexus_url: http://LABORATORY/nexus/v3/
    nexus_api_key: key-of-the-laboratory
    kaleyra: {url: http://directtext.mgage.com, username: lab, password: "password-of-the-laboratory"}
"""


@pytest.fixture
def both(apply: Apply, second_sandbox: Control) -> Callable[..., Applied]:
    """Apply a file of Acme twice: at one Digital Channels, and with the same id at another."""
    host = second_sandbox.url.removeprefix("http://")
    return lambda *arguments: apply(file_of(ACME, LABORATORY).replace("LABORATORY", host), *arguments)


@pytest.fixture
def tenants(both: Callable[..., Applied], sandbox: Control, second_sandbox: Control) -> tuple[Tenant, Tenant]:
    """Both of them, set up."""
    assert (applied := both()).code == 0, applied.err
    one, two = Tenant.objects.get(nexus_url=sandbox.url), Tenant.objects.get(nexus_url=second_sandbox.url)
    assert one.ccid == two.ccid
    return one, two


def keys(sandbox: Control) -> set[str]:
    """The API keys that came to a sandbox."""
    return {line["headers"]["x-api-key"] for line in sandbox.ledger()}


def test_two_tenants_with_one_id_are_set_up_side_by_side(
    both: Callable[..., Applied], tenants: tuple[Tenant, Tenant], sandbox: Control, second_sandbox: Control
) -> None:
    effects = [[line["effect"] for line in each.ledger(effects=True)] for each in (sandbox, second_sandbox)]
    assert effects == [["created SMS", "created mGageSMS"]] * 2
    assert (keys(sandbox), keys(second_sandbox)) == ({"api-key-of-acme"}, {"key-of-the-laboratory"})
    assert "password-of-the-laboratory" not in str(sandbox.ledger())
    again = both()
    assert (again.code, again.out) == (0, "Tenants: 2 unchanged.\n")
    assert Tenant.objects.count() == 2


def test_each_is_checked_at_its_own_address(
    tenants: tuple[Tenant, Tenant], sandbox: Control, second_sandbox: Control, administrator_of_both: User
) -> None:
    for tenant in tenants:
        service = Service.objects.get(tenant=tenant, name="SMS")
        with without_messages():  # a worker that an earlier test of this process started would take it first
            actions.ask_check(person(administrator_of_both), service)
        actions.check(service.pk)
        service.refresh_from_db()
        assert service.check_tone in {"good", "neutral"}
    assert [line["method"] for line in sandbox.ledger()] == [line["method"] for line in second_sandbox.ledger()]
    assert (keys(sandbox), keys(second_sandbox)) == ({"api-key-of-acme"}, {"key-of-the-laboratory"})


def test_each_is_exported_by_its_host_and_the_id_alone_names_the_choice(
    tenants: tuple[Tenant, Tenant], sandbox: Control, second_sandbox: Control
) -> None:
    places = [each.url.removeprefix("http://") for each in (sandbox, second_sandbox)]
    refused = call("--tenant", CCID, command="export_setup")
    assert refused.code == 1
    assert all(f"{CCID}@{place}" in refused.err for place in places)
    for place, tenant in zip(places, tenants, strict=True):
        exported = yaml.safe_load(call("--tenant", f"{CCID}@{place}", command="export_setup").out)["tenants"]
        assert [(each["name"], each["nexus_url"]) for each in exported] == [(tenant.name, tenant.nexus_url)]
    names = [each["nexus_api_key"] for each in yaml.safe_load(call(command="export_setup").out)["tenants"]]
    assert len(set(names)) == 2


def test_every_command_takes_the_host(tenants: tuple[Tenant, Tenant], sandbox: Control) -> None:
    place = f"{CCID}@{sandbox.url.removeprefix('http://')}"
    for command, arguments in (("numbers", ["list"]), ("people", ["list"])):
        assert f"Say which one: {CCID}@" in call(*arguments, "--tenant", CCID, command=command).err
        assert call(*arguments, "--tenant", place, command=command).code == 0


def test_the_pages_tell_them_apart(
    tenants: tuple[Tenant, Tenant], administrator_of_both: User, client_of: Callable[[User], Client]
) -> None:
    browser = client_of(administrator_of_both)
    for tenant in tenants:
        assert tenant.nexus_url in browser.get(reverse("tenant", args=[tenant.pk])).content.decode()
    page = browser.get(reverse("tenants:list"), {"q": CCID}).content.decode()
    assert all(tenant.nexus_url.removeprefix("http://") in page for tenant in tenants)
    one = browser.get(reverse("tenants:list"), {"q": f"{CCID}@{tenants[1].nexus_url.removeprefix('http://')}"})
    assert "Acme in the laboratory" in one.content.decode()


def test_another_url_of_a_known_id_is_another_tenant_and_said(both: Callable[..., Applied], apply: Apply) -> None:
    assert apply(file_of(ACME)).code == 0
    dry = both("--dry-run")
    assert "This contact centre id stands at another Nexus URL already: Acme at http://127.0.0.1:" in dry.err
    assert Tenant.objects.count() == 1


def test_the_same_pair_in_another_spelling_is_refused_as_one(apply: Apply, sandbox: Control) -> None:
    twin = ACME.replace("name: Acme", "name: Twin").replace("http://SANDBOX", f"{sandbox.url}/nexus/v3/")
    assert "This is the contact centre id, at the same Nexus URL, of tenants[0].ccid" in apply(file_of(ACME, twin)).err


def test_a_url_that_differs_is_left_with_its_secrets_and_replaced_only_when_asked(
    apply: Apply, sandbox: Control
) -> None:
    assert apply(file_of(ACME)).code == 0
    moved = file_of(ACME.replace("http://directtext.mgage.com", "http://elsewhere.example"))
    before = list(Credential.objects.order_by("kind").values_list("kind", "origins", "nexus_origin"))
    assert apply(moved).code == 1
    assert list(Credential.objects.order_by("kind").values_list("kind", "origins", "nexus_origin")) == before
    sandbox.settings(replace="accept")
    assert apply(moved, "--inline", "--replace").code == 0
    assert set(Credential.objects.exclude(kind="apiKey").values_list("origins", flat=True)) == {
        "http://elsewhere.example"
    }


def test_a_draft_that_waits_takes_the_secrets_of_the_file(apply: Apply, sandbox: Control) -> None:
    sandbox.fault("unauthorized", times=1)
    assert apply(file_of(GLOBEX)).code == 1
    changed = GLOBEX.replace("https://genesys-webhook.company.com", "https://other.company.com")
    assert apply(file_of(changed)).code == 0
    assert Setup.objects.get().state == "succeeded"
    assert set(Credential.objects.exclude(kind="apiKey").values_list("origins", "draft")) == {
        ("https://other.company.com", "")
    }


@pytest.fixture
def administrator_of_both(tenants: tuple[Tenant, Tenant], site_administrator: User) -> User:
    """Somebody who is an administrator of both."""
    for tenant in tenants:
        grant_role(command_line(), user=site_administrator, tenant_id=tenant.pk, role=Role.ADMINISTRATOR)
    return site_administrator
