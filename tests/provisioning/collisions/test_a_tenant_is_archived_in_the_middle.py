"""A tenant is archived while somebody is in its wizard: each page and each button says so, and nothing changes."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from portal.audit.actors import Actor, command_line
from portal.audit.models import Event
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from provisioning.runs.actions import start_setup
from provisioning.wizard.actions import begin_setup, discard_setup, make_secret, save_step
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import ACCOUNT, Visitor, facts
from tests.support import canaries
from tests.support.canaries import canary, hits

SENTENCE = "Acme was archived, so nothing about it can be changed."


@pytest.fixture
def surprised(reviewer: Visitor) -> Visitor:
    """The administrator in a complete draft, whose tenant was archived a moment ago."""
    archive_tenant(command_line(), reviewer.setup.tenant)
    return reviewer


def everything() -> list[Any]:
    """All that must not change."""
    return [list(model.objects.order_by("pk").values()) for model in (Tenant, Setup, Credential, Event)]


@pytest.mark.parametrize("step", ["prerequisites", "account", "sender", "review"])
def test_each_page_says_so(surprised: Visitor, step: str) -> None:
    page = surprised.client.get(surprised.url(step), follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == reverse("tenant", args=[surprised.setup.tenant_id])
    assert SENTENCE in page.content.decode()


def test_its_own_page_says_so(surprised: Visitor) -> None:
    page = surprised.client.get(reverse("setup", args=[surprised.setup.pk]), follow=True)
    assert page.status_code == 200
    assert SENTENCE in page.content.decode()


@pytest.mark.parametrize("step", ["prerequisites", "account", "sender"])
def test_each_save_says_so_and_keeps_nothing(surprised: Visitor, step: str) -> None:
    typed = canary("apiKey", "-"), canary("kaleyraPassword")
    values = {
        "prerequisites": facts(surprised.setup.tenant) | {"apiKey": typed[0].value, "nexusURL": "http://127.0.0.1:10"},
        "account": ACCOUNT | {"kaleyraPassword": typed[1].value},
        "sender": {"tfn": "12345"},
    }[step]
    before = everything()
    page = surprised.client.post(surprised.url(step), {**values, "version": "3"}, follow=True)
    assert page.status_code == 200
    assert SENTENCE in page.content.decode()
    assert everything() == before
    assert hits([*canaries.tables(), ("the page", page.content)], typed) == []


@pytest.mark.parametrize("verb", ["start", "discard", "resume", "reopen"])
def test_each_button_says_so_and_does_nothing(surprised: Visitor, verb: str) -> None:
    before = everything()
    page = surprised.client.get(surprised.do(verb)["Location"], follow=True)
    assert page.status_code == 200
    assert SENTENCE in page.content.decode()
    assert everything() == before


@pytest.mark.parametrize(("url", "values"), [("setup_begin", {}), ("tenants:edit", {"nexus_api_key": "late"})])
def test_what_begins_elsewhere_is_refused_too(surprised: Visitor, url: str, values: dict[str, str]) -> None:
    tenant = surprised.setup.tenant
    arguments = [tenant.pk, "kaleyra"] if url == "setup_begin" else [tenant.pk]
    known = {"name": tenant.name, "ccid": str(tenant.ccid), "nexus_url": tenant.nexus_url}
    before = everything()
    page = surprised.client.post(reverse(url, args=arguments), known | values, follow=True)
    assert page.status_code == 200
    assert SENTENCE in page.content.decode()
    assert everything() == before


def test_no_new_key_is_made(reviewer: Visitor, actor: Actor) -> None:
    draft = begin_setup(actor, reviewer.setup.tenant, "custom_gateway")
    archive_tenant(command_line(), draft.tenant)
    before = everything()
    url = reverse("setup_make_key", args=[draft.pk, "gateway", "asyncWebhookSignatureKey"])
    page = reviewer.client.post(url, gateway.GATEWAY | {"version": "0"}, follow=True)
    assert SENTENCE in page.content.decode()
    assert everything() == before


def test_what_a_page_did_not_know_yet_its_action_refuses(reviewer: Visitor, actor: Actor) -> None:
    tenant = reviewer.setup.tenant
    draft = begin_setup(actor, tenant, "custom_gateway")
    archive_tenant(command_line(), Tenant.objects.get(pk=tenant.pk))
    before = everything()
    for deed in (
        lambda: make_secret(actor, draft, Kind.GATEWAY_WEBHOOK_KEY, 0),
        lambda: save_step(actor, draft, "gateway", gateway.GATEWAY, 0),
        lambda: start_setup(actor, reviewer.setup),
        lambda: discard_setup(actor, draft),
    ):
        with pytest.raises(ValidationError, match="was archived"):
            deed()
    assert everything() == before


@pytest.mark.databases
def test_archiving_and_running_at_the_same_moment_leaves_one_of_both(
    transactional_db: None, reviewer: Visitor, wake_ups: list[str]
) -> None:
    tenant, start = reviewer.setup.tenant, reverse("setup_start", args=[reviewer.setup.pk])
    tab = second_tab(reviewer.client)

    def archive() -> bool:
        try:
            return archive_tenant(command_line(), tenant).archived_at is not None
        except ValidationError:  # a run was under way
            return False

    archived, pressed = at_once([archive, lambda: tab.post(start)])
    assert pressed.status_code == 302
    draft = Setup.objects.get()
    assert draft.state == ("draft" if archived else "queued")
    assert len(wake_ups) == (0 if archived else 1)
