from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Setup
from provisioning.options import OPTIONS
from provisioning.wizard.actions import begin_setup
from tests.provisioning import kaleyra

Sign = Callable[[User], Client]


@pytest.fixture
def client(administrator: User, client_of: Sign) -> Client:
    """The administrator's browser."""
    return client_of(administrator)


@pytest.fixture
def set_up(actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]) -> Setup:
    """Acme, set up with Kaleyra."""
    return kaleyra.run(kaleyra.queued(actor, tenant_at_sandbox))


def page(client: Client, tenant: Tenant, name: str = "options", *arguments: str) -> str:
    answer = client.get(reverse(name, args=[tenant.pk, *arguments]))
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_three_questions_stand_in_the_guides_order(client: Client, tenant: Tenant) -> None:
    text = page(client, tenant)
    places = [text.index(f"{n}. {option.question}") for n, option in enumerate(OPTIONS.values(), start=1)]
    assert len(places) == 3
    assert places == sorted(places)


@pytest.mark.parametrize("key", OPTIONS)
def test_each_leads_to_its_wizard(client: Client, tenant: Tenant, key: str) -> None:
    assert reverse("setup_begin", args=[tenant.pk, key]) in page(client, tenant)
    begun = client.post(reverse("setup_begin", args=[tenant.pk, key]), follow=True)
    setup = Setup.objects.get()
    assert (setup.option, setup.state) == (key, "draft")
    assert "Prerequisites" in begun.content.decode()


def test_a_second_press_goes_on_with_the_draft(client: Client, tenant: Tenant) -> None:
    for _ in range(2):
        client.post(reverse("setup_begin", args=[tenant.pk, "kaleyra"]))
    assert Setup.objects.count() == 1


def test_the_table_tells_which_option_needs_what(client: Client, tenant: Tenant) -> None:
    text = page(client, tenant)
    for option in OPTIONS.values():
        for need in option.prerequisites:
            row = text.partition(f">{need.label}</td>")[2].partition("</tr>")[0]
            cell = row.split("<td")[1:][list(OPTIONS).index(option.key)]
            assert '<span class="visually-hidden">needed</span>' in cell, (option.key, need.label)


def test_what_an_option_does_not_need_is_said_too(client: Client, tenant: Tenant) -> None:
    row = page(client, tenant).partition(">Webhook URL</td>")[2].partition("</tr>")[0]
    assert ["not needed" in cell for cell in row.split("<td")[1:]] == [True, False, True]


@pytest.mark.parametrize("key", OPTIONS)
def test_each_has_a_list_to_print(client: Client, tenant: Tenant, key: str) -> None:
    text = page(client, tenant, "option_needs", key)
    for need in OPTIONS[key].prerequisites:
        assert need.label in text
        assert need.note in text
        assert not need.variable or f"${need.variable}" in text
    assert "no-print" in text


@pytest.mark.parametrize("key", OPTIONS)
def test_the_wizard_shows_the_list_up_front(client: Client, actor: Actor, tenant: Tenant, key: str) -> None:
    begin_setup(actor, tenant, key)
    setup = Setup.objects.get()
    first, second = (step.key for step in OPTIONS[key].steps[:2])

    def step(name: str) -> str:
        return str(client.get(reverse("setup_step", args=[setup.pk, name])).content.decode())

    assert "What to have at hand" in step(first)
    assert "What to have at hand" not in step(second)


def test_an_option_that_does_not_exist_is_not_found(client: Client, tenant: Tenant) -> None:
    assert client.get(reverse("option_needs", args=[tenant.pk, "pigeons"])).status_code == 404
    assert client.post(reverse("setup_begin", args=[tenant.pk, "pigeons"])).status_code == 404


def test_where_one_is_active_another_is_not_begun_by_accident(client: Client, set_up: Setup) -> None:
    answer = client.post(reverse("setup_begin", args=[set_up.tenant_id, "custom_gateway"]), follow=True)
    assert "Acme is set up with Kaleyra. One option is active in a tenant at a time" in unescape(
        answer.content.decode()
    )
    assert not Setup.objects.filter(option="custom_gateway").exists()


def test_where_one_is_active_the_others_say_so(client: Client, set_up: Setup) -> None:
    text = page(client, set_up.tenant)
    assert text.count("Acme is set up with Kaleyra") == 2
    assert "Set up with Kaleyra" in text
    assert "Set up with Custom gateway" not in text


def test_changing_the_option_is_offered_and_begins_a_draft_that_says_so(client: Client, set_up: Setup) -> None:
    assert 'name="switch"' in page(client, set_up.tenant)
    client.post(reverse("setup_begin", args=[set_up.tenant_id, "custom_gateway"]), {"switch": "1"})
    draft = Setup.objects.get(option="custom_gateway")
    assert (draft.replaces_active_option, draft.state) == (True, "draft")


def test_the_list_to_print_offers_the_change_as_well(client: Client, set_up: Setup) -> None:
    assert "Change to Custom gateway" in page(client, set_up.tenant, "option_needs", "custom_gateway")
    assert "Change to" not in page(client, set_up.tenant, "option_needs", "kaleyra")


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("representative", 403), ("outsider", 404)])
def test_nobody_else_chooses(
    tenant: Tenant, client_of: Sign, request: pytest.FixtureRequest, who: str, status: int
) -> None:
    client = client_of(request.getfixturevalue(who))
    assert client.get(reverse("options", args=[tenant.pk])).status_code == status
    assert client.get(reverse("option_needs", args=[tenant.pk, "kaleyra"])).status_code == status
    assert client.post(reverse("setup_begin", args=[tenant.pk, "kaleyra"])).status_code == status


def test_an_archived_tenant_has_nothing_to_choose(client: Client, tenant: Tenant) -> None:
    Tenant.objects.update(archived_at=tenant.created_at)
    text = page(client, tenant)
    assert "Acme was archived" in text
    assert "Set up with" not in text
