"""The picture on the tenant's page: five stations, each with a tone, a word and the link that mends it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from provisioning.models import Rehearsal, Service, Setup
from provisioning.tenant_page.message_path import Station, stations
from provisioning.wizard.actions import begin_setup, discard_setup
from senders.actions import SenderFacts, change_sender, compare_with, tick_off
from senders.models import SenderId
from tests.provisioning import kaleyra
from tests.provisioning.custom_gateway import gateway
from tests.senders.senders import add

NOTHING = {"carrier": "neutral", "services": "neutral", "sections": "neutral", "answering": "neutral"}
PLACES = ["phone", "carrier", "services", "sections", "answering"]


def path(tenant: Tenant) -> dict[str, Station]:
    return dict(zip(PLACES, stations(tenant, may_run=True), strict=True))


def tones(tenant: Tenant) -> dict[str, str]:
    return {place: station.tone for place, station in path(tenant).items() if place != "phone"}


def at_setup(setup: Setup) -> str:
    return reverse("setup", args=[setup.pk])


@pytest.fixture
def set_up(actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]) -> Setup:
    """Acme, set up with Kaleyra; its sender ID is a draft."""
    return kaleyra.run(kaleyra.queued(actor, tenant_at_sandbox))


@pytest.fixture
def pasted(actor: Actor, set_up: Setup) -> SenderId:
    """The sender ID of that set-up, complete and ticked off."""
    sender = SenderId.objects.get()
    change_sender(actor, sender, SenderFacts(sender.number, "Support", "Main", provider="mGage"))
    return tick_off(actor, sender)


def test_nothing_set_up_leads_to_the_choice(tenant: Tenant) -> None:
    assert tones(tenant) == NOTHING
    found = path(tenant)
    assert found["carrier"].url == found["services"].url == reverse("options", args=[tenant.pk])
    assert found["sections"].url == reverse("senders:list", args=[tenant.pk])
    assert found["phone"].tone == "good"


def test_who_may_not_choose_gets_no_link_there(tenant: Tenant) -> None:
    assert [station.url for station in stations(tenant, may_run=False)][:3] == ["", "", ""]


def test_a_draft_leads_to_itself(actor: Actor, tenant: Tenant) -> None:
    setup = begin_setup(actor, tenant, "kaleyra")
    found = path(tenant)
    assert (found["carrier"].name, found["carrier"].tone) == ("Kaleyra", "warning")
    assert (found["services"].tone, found["services"].label) == ("neutral", "Set-up not run yet")
    assert found["carrier"].url == found["services"].url == at_setup(setup)


def test_a_draft_thrown_away_leaves_nothing(actor: Actor, tenant: Tenant) -> None:
    discard_setup(actor, begin_setup(actor, tenant, "kaleyra"))
    assert tones(tenant) == NOTHING


def test_a_run_is_under_way(queued: Setup) -> None:
    station = path(queued.tenant)["services"]
    assert (station.tone, station.label, station.url) == ("running", "The set-up runs", at_setup(queued))


def test_a_set_up_that_failed_is_red_and_leads_to_its_run(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("unauthorized")
    kaleyra.run(queued)
    found = path(queued.tenant)
    assert (found["services"].tone, found["services"].label) == ("bad", "The set-up stopped")
    assert found["services"].url == found["carrier"].url == at_setup(queued)
    assert found["carrier"].tone == "warning"


def test_a_service_that_was_there_is_amber(queued: Setup, sandbox: Control) -> None:
    sandbox.fault("conflict", match={"path_contains": "/SMS"})
    kaleyra.run(queued)
    assert (path(queued.tenant)["services"].tone, path(queued.tenant)["services"].label) == (
        "warning",
        "Not all verified",
    )


def test_a_service_that_differs_is_red(set_up: Setup) -> None:
    Service.objects.filter(name="mGageSMS").update(state="differs")
    assert (path(set_up.tenant)["services"].tone, path(set_up.tenant)["services"].label) == ("bad", "Differs")


def test_after_the_run_the_sections_wait(set_up: Setup) -> None:
    expected = {"carrier": "good", "services": "good", "sections": "warning", "answering": "neutral"}
    assert tones(set_up.tenant) == expected
    assert path(set_up.tenant)["sections"].label == "To be completed"
    assert path(set_up.tenant)["services"].note == "SMS, mGageSMS"


def test_a_complete_section_waits_to_be_pasted(actor: Actor, set_up: Setup, pasted: SenderId) -> None:
    change_sender(actor, pasted, replace(SenderFacts.of(pasted), endpoint="Other"))
    assert (path(set_up.tenant)["sections"].tone, path(set_up.tenant)["sections"].label) == ("warning", "To be pasted")


def test_when_all_is_done_all_is_green(set_up: Setup, pasted: SenderId) -> None:
    assert set(tones(set_up.tenant).values()) == {"good"}
    found = path(set_up.tenant)
    assert (found["sections"].note, found["answering"].label) == ("1 of 1 section done", "Receives")
    assert (found["answering"].name, found["answering"].note) == ("Designer", "Main")


def test_a_new_draft_does_not_spoil_what_runs(actor: Actor, set_up: Setup, pasted: SenderId) -> None:
    begin_setup(actor, set_up.tenant, "kaleyra")
    assert tones(set_up.tenant)["services"] == "good"


def test_what_the_lint_calls_bad_is_red(set_up: Setup, pasted: SenderId) -> None:
    SenderId.objects.update(provider="Portico")
    assert (path(set_up.tenant)["sections"].tone, path(set_up.tenant)["sections"].label) == (
        "bad",
        "Messages would vanish",
    )


def test_a_block_that_differs_is_red(actor: Actor, set_up: Setup, pasted: SenderId) -> None:
    compare_with(actor, pasted, "endpoint = chat.Main\nprovider = mGage")
    assert (path(set_up.tenant)["sections"].tone, path(set_up.tenant)["sections"].label) == ("bad", "Differs")
    assert path(set_up.tenant)["answering"].tone == "neutral"


def test_campaigns_alone_end_at_cx_contact(actor: Actor, tenant: Tenant) -> None:
    add(actor, tenant, cxc_only=True, agents_answer=False)
    assert path(tenant)["answering"].name == "CX Contact"
    add(actor, tenant, "12345", section="Other")
    assert path(tenant)["answering"].name == "Designer and CX Contact"


def test_many_endpoints_are_counted(actor: Actor, tenant: Tenant) -> None:
    for place, name in enumerate(["One", "Two", "Three", "Four"]):
        add(actor, tenant, f"1234{place}", section=name, endpoint=name)
    assert path(tenant)["answering"].note == "Four, One, 2 more"


@pytest.mark.parametrize(
    ("grades", "tone", "label"),
    [(None, "warning", "Not rehearsed"), ("good", "good", "Rehearsed"), ("bad", "bad", "Rehearsal failed")],
)
def test_a_gateway_is_as_its_last_rehearsal(
    actor: Actor, tenant: Tenant, grades: str | None, tone: str, label: str
) -> None:
    setup = gateway.complete_draft(actor, tenant)
    if grades:
        Rehearsal.objects.create(
            setup=setup, state="done", asked_by_label="x", finished_at=setup.begun_at, grades=[{"tone": grades}]
        )
    station = path(tenant)["carrier"]
    assert (station.name, station.tone, station.label) == ("Custom gateway", tone, label)
    assert station.url == reverse("rehearsal", args=[setup.pk])


def test_a_screen_reader_hears_every_station_with_its_state(
    set_up: Setup, administrator: User, client_of: Callable[[User], Client]
) -> None:
    text = client_of(administrator).get(reverse("tenant", args=[set_up.tenant_id])).content.decode()
    picture = text.partition('aria-label="The way of a message to Acme"')[2].partition("</ol>")[0]
    assert picture.count("<li") == picture.count("<svg") // 2 == 5  # one icon of the station, one of its state
    assert picture.count('aria-hidden="true"') == picture.count("<svg")
    for station in stations(set_up.tenant, may_run=True):
        assert f">{station.name}<" in picture.replace("&#x27;", "'")
        assert station.label in picture


@pytest.mark.parametrize("who", ["auditor", "representative"])
def test_no_station_leads_to_a_page_that_refuses(
    tenant: Tenant, request: pytest.FixtureRequest, client_of: Callable[[User], Client], who: str
) -> None:
    client = client_of(request.getfixturevalue(who))
    client.get(reverse("tenant", args=[tenant.pk]))
    urls = [station.url for station in stations(tenant, may_run=False) if station.url]
    assert {client.get(url).status_code for url in urls} == {200}


def test_the_tenants_page_asks_the_same_whatever_it_shows(
    actor: Actor,
    set_up: Setup,
    administrator: User,
    client_of: Callable[[User], Client],
    django_assert_max_num_queries: Any,
) -> None:
    client, url = client_of(administrator), reverse("tenant", args=[set_up.tenant_id])
    with django_assert_max_num_queries(40) as few:
        client.get(url)
    for place in range(30):
        add(actor, set_up.tenant, f"123{place:02}", section="", endpoint="", provider="mGage")
    with django_assert_max_num_queries(len(few)):
        text = client.get(url).content.decode()
    assert "These are the first 10." in text
