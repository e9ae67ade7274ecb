from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from provisioning.models import Service, Setup
from senders.actions import change_sender, compare_with, tick_off
from senders.checks import findings
from senders.models import SenderId
from senders.options_block import render
from tests.provisioning import kaleyra
from tests.senders.senders import FACTS, add, page


def found(tenant: Tenant) -> list[tuple[str, str, str]]:
    """Number, tone and sentence of each finding."""
    return [(finding.number, finding.tone, finding.sentence) for finding in findings(tenant)]


@pytest.fixture
def with_kaleyra(actor: Actor, tenant: Tenant) -> Setup:
    """Acme has the service SMS of option 1, whose provider is mGage."""
    setup = kaleyra.complete_draft(actor, tenant)
    Service.objects.create(tenant=tenant, name="SMS", state="created", setup=setup, since=setup.begun_at)
    return setup


def test_it_is_silent_where_all_is_right(actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant)
    add(actor, tenant, "12345", section="Short", endpoint="MainRouting")
    add(actor, tenant, "18445551212", section="Campaigns", cxc_only=True, agents_answer=False)
    assert found(tenant) == []


def test_the_guides_short_example_is_not_its_neighbour(actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant, "1650466114")
    add(actor, tenant, "16504661140", section="Other")
    assert found(tenant) == []


def test_two_numbers_in_one_section(actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant)
    add(actor, tenant, "12345")
    sentence = "The section chat.SMS_Main_Corporate holds two numbers; each needs its own."
    assert sorted(found(tenant)) == [("12345", "bad", sentence), ("16504661149", "bad", sentence)]


@pytest.mark.parametrize("missing", ["section", "endpoint"])
def test_a_draft_receives_nothing(actor: Actor, tenant: Tenant, missing: str) -> None:
    add(actor, tenant, **{missing: ""})
    assert [(tone, "no section or Designer endpoint yet" in text) for _, tone, text in found(tenant)] == [
        ("warning", True)
    ]


def test_two_drafts_without_a_section_share_none(actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant, section="")
    add(actor, tenant, "12345", section="")
    assert {tone for _, tone, _ in found(tenant)} == {"warning"}


def test_campaigns_only_where_agents_should_answer(actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant, cxc_only=True)
    assert found(tenant) == [
        ("16504661149", "bad", "cxcOnly is true, but agents should answer: they will see no message.")
    ]


def test_campaigns_only_as_it_stands_there(actor: Actor, sender: SenderId, tenant: Tenant) -> None:
    compare_with(actor, sender, render(sender).replace("cxcOnly = false", "cxcOnly = true"))
    assert "cxcOnly is true, but agents should answer: they will see no message." in {
        text for *_, text in found(tenant)
    }


@pytest.mark.parametrize(
    ("changes", "old", "new", "sentence"),
    [
        ({}, "= chat.Main", "= Main", "endpoint in Platform Administration does not begin with chat."),
        ({}, "endpoint = chat.MainRouting\n", "", "endpoint in Platform Administration does not begin with chat."),
        (
            {"provider": "Async"},
            "provider = Async",
            "",
            "provider is missing there, so Digital Channels takes Portico and not Async.",
        ),
        (
            {},
            "[chat.SMS_Main_Corporate]",
            "[chat.SMS 1]",
            "The section's name there holds more than letters, underscores and dashes.",
        ),
    ],
)
def test_what_stands_there_and_does_not_work(  # noqa: PLR0917 - the table's columns and the parts
    actor: Actor, tenant: Tenant, changes: dict[str, Any], old: str, new: str, sentence: str
) -> None:
    sender = add(actor, tenant, **changes)
    compare_with(actor, sender, render(sender).replace(old, new))
    assert ("16504661149", "bad", sentence) in found(tenant)
    compare_with(actor, sender, render(sender))
    assert found(tenant) == []


def test_what_stands_there_and_is_another_block(actor: Actor, sender: SenderId, tenant: Tenant) -> None:
    compare_with(actor, sender, render(sender).replace("media = chat", "media = mail"))
    assert [tone for _, tone, _ in found(tenant)] == ["warning"]
    tick_off(actor, sender)  # it was mended
    assert found(tenant) == []


def test_a_provider_that_is_not_the_tenants(actor: Actor, tenant: Tenant, with_kaleyra: Setup) -> None:
    sender = add(actor, tenant)
    sentence = "Its provider is Portico, but the tenant's SMS service is set up with mGage."
    assert found(tenant) == [("16504661149", "bad", sentence)]
    change_sender(actor, sender, replace(FACTS, provider="mGage"))
    assert found(tenant) == []


def test_the_tenants_provider_as_it_stands_there(actor: Actor, tenant: Tenant, with_kaleyra: Setup) -> None:
    sender = add(actor, tenant, provider="mGage")
    compare_with(actor, sender, render(sender).replace("mGage", "Async"))
    sentence = "Its provider is Async, but the tenant's SMS service is set up with mGage."
    assert ("16504661149", "bad", sentence) in found(tenant)


def test_another_tenants_sender_ids_are_nobodys_business(actor: Actor, tenant: Tenant, other_tenant: Tenant) -> None:
    add(actor, tenant)
    SenderId.objects.create(tenant=other_tenant, number="16504661149", section="SMS_Main_Corporate", provider="Portico")
    assert found(tenant) == []


def test_the_worst_stands_first_and_leads_to_the_sender_id(client: Client, actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant, "12345", section="", endpoint="")
    bad = add(actor, tenant, cxc_only=True)
    assert [tone for _, tone, _ in found(tenant)] == ["bad", "warning"]
    text = page(client, "list", tenant.pk)
    assert text.index("Stops messages") < text.index("Look at it")
    assert f'href="/senders/{bad.pk}/"' in text
