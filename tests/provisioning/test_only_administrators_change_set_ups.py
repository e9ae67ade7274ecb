from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from provisioning.models import Setup

WIZARD = ["setup_step", "setup_review"]
BUTTONS = ["setup_step", "setup_start", "setup_resume", "setup_reopen", "setup_discard"]
LOOKING = ["setup", "setup_timeline"]


@pytest.fixture
def ask(draft: Setup, client_of: Callable[[User], Client]) -> Callable[[User, str, str], HttpResponse]:
    """Ask for a page of the draft as somebody, by the name of its URL."""

    def ask(user: User, method: str, name: str) -> HttpResponse:
        arguments = [draft.pk, "account"] if name == "setup_step" else [draft.pk]
        answer: HttpResponse = getattr(client_of(user), method)(reverse(name, args=arguments))
        return answer

    return ask


Ask = Callable[[User, str, str], HttpResponse]


@pytest.mark.parametrize("name", WIZARD)
def test_an_auditor_sees_no_wizard(ask: Ask, auditor: User, name: str) -> None:
    assert ask(auditor, "get", name).status_code == 403


@pytest.mark.parametrize("name", BUTTONS)
def test_an_auditor_presses_no_button(ask: Ask, auditor: User, draft: Setup, name: str) -> None:
    assert ask(auditor, "post", name).status_code == 403
    assert Setup.objects.get().state == draft.state


@pytest.mark.parametrize("name", LOOKING)
def test_an_auditor_may_look_at_the_run(ask: Ask, auditor: User, name: str) -> None:
    page = ask(auditor, "get", name)
    assert page.status_code == 200
    assert "<button" not in page.content.decode().partition('id="run"')[2].partition("</main>")[0]


@pytest.mark.parametrize("name", WIZARD)
def test_a_representative_sees_no_wizard(ask: Ask, representative: User, name: str) -> None:
    assert ask(representative, "get", name).status_code == 403


@pytest.mark.parametrize("name", WIZARD + LOOKING)
def test_an_outsider_finds_no_page(ask: Ask, outsider: User, name: str) -> None:
    assert ask(outsider, "get", name).status_code == 404


@pytest.mark.parametrize("name", BUTTONS)
def test_an_outsider_finds_no_button(ask: Ask, outsider: User, draft: Setup, name: str) -> None:
    assert ask(outsider, "post", name).status_code == 404
    assert Setup.objects.get().state == draft.state


@pytest.mark.parametrize(("method", "name"), [("get", "options"), ("get", "tenant")])
def test_an_outsider_finds_no_tenant(
    draft: Setup, outsider: User, client_of: Callable[[User], Client], method: str, name: str
) -> None:
    assert client_of(outsider).get(reverse(name, args=[draft.tenant_id])).status_code == 404


def test_an_auditor_begins_no_set_up(draft: Setup, auditor: User, client_of: Callable[[User], Client]) -> None:
    answer = client_of(auditor).post(reverse("setup_begin", args=[draft.tenant_id, "kaleyra"]))
    assert answer.status_code == 403


def test_a_site_administrator_without_a_role_sees_and_changes_nothing(ask: Ask, site_administrator: User) -> None:
    assert ask(site_administrator, "get", "setup").status_code == 200
    assert ask(site_administrator, "post", "setup_start").status_code == 403
