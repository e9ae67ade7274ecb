from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from tollfree.requests.actions import send_request
from tollfree.requests.models import NumberRequest, RequestKind

Ask = Callable[[User, str, str], HttpResponse]
GOOD = {"kind": "short_code", "note": "five digits", "state": "done", "answer": "72345"}


@pytest.fixture
def asked(actor: Actor, tenant: Tenant) -> NumberRequest:
    return send_request(actor, tenant, kind=RequestKind.ORGANISATION)


@pytest.fixture
def ask(asked: NumberRequest, client_of: Callable[[User], Client]) -> Ask:
    """Ask for a page about the request as somebody, by the name of its URL."""

    def ask(user: User, method: str, name: str) -> HttpResponse:
        pk = asked.tenant_id if name == "ask" else asked.pk
        answer: HttpResponse = getattr(client_of(user), method)(reverse(f"tollfree:{name}", args=[pk]), GOOD)
        return answer

    return ask


def nothing_happened(asked: NumberRequest) -> bool:
    asked.refresh_from_db()
    return asked.state == "open" and NumberRequest.objects.count() == 1


@pytest.mark.parametrize(
    ("method", "name"), [("get", "ask"), ("post", "ask"), ("get", "request"), ("post", "request"), ("post", "withdraw")]
)
def test_an_outsider_finds_nothing(ask: Ask, asked: NumberRequest, outsider: User, method: str, name: str) -> None:
    assert ask(outsider, method, name).status_code == 404
    assert nothing_happened(asked)


def test_an_outsiders_inbox_is_empty(asked: NumberRequest, outsider: User, client_of: Callable[[User], Client]) -> None:
    assert "Nothing is waiting" in client_of(outsider).get(reverse("tollfree:requests")).content.decode()


@pytest.mark.parametrize(
    ("method", "name"), [("get", "ask"), ("post", "ask"), ("post", "request"), ("post", "withdraw")]
)
def test_an_auditor_changes_nothing(ask: Ask, asked: NumberRequest, auditor: User, method: str, name: str) -> None:
    assert ask(auditor, method, name).status_code == 403
    assert nothing_happened(asked)


def test_an_auditor_reads_without_a_button(ask: Ask, auditor: User) -> None:
    page = ask(auditor, "get", "request")
    assert page.status_code == 200
    assert "<button" not in page.content.decode().partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(("method", "name"), [("get", "ask"), ("post", "ask"), ("post", "withdraw")])
def test_a_representative_answers_and_does_not_ask(
    ask: Ask, asked: NumberRequest, representative: User, method: str, name: str
) -> None:
    assert ask(representative, method, name).status_code == 403
    assert nothing_happened(asked)


def test_an_administrator_asks_and_does_not_answer(ask: Ask, asked: NumberRequest, administrator: User) -> None:
    assert ask(administrator, "post", "request").status_code == 403
    assert nothing_happened(asked)


def test_a_site_administrator_without_a_role_only_reads(
    ask: Ask, asked: NumberRequest, site_administrator: User
) -> None:
    assert ask(site_administrator, "get", "request").status_code == 200
    assert ask(site_administrator, "post", "request").status_code == 403
    assert ask(site_administrator, "post", "ask").status_code == 403
    assert nothing_happened(asked)
