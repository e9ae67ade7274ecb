from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from portal.accounts.models import Session, User
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from provisioning.models import Setup
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import Visitor, whole_database
from tests.support.stored import stored_values

FIELDS = {"asyncAPISignatureKey": Kind.GATEWAY_API_KEY, "asyncWebhookSignatureKey": Kind.GATEWAY_WEBHOOK_KEY}
WEBHOOK = "asyncWebhookSignatureKey"


def make(visitor: Visitor, field: str = WEBHOOK, step: str = "gateway", **typed: str) -> tuple[str, str]:
    """Press the button; return the page and the key as it was stored."""
    answer = gateway.post(visitor.client, "setup_make_key", visitor.setup, step, field, **typed)
    assert answer.status_code == 200
    return answer.content.decode(), stored(visitor.setup.tenant, FIELDS[field])


def stored(tenant: Tenant, kind: Kind) -> str:
    return stored_values(tenant.pk, [kind])[kind.value]


@pytest.mark.parametrize("field", FIELDS)
def test_the_key_is_stored_and_shown_on_this_page(visitor: Visitor, field: str) -> None:
    page, key = make(visitor, field)
    assert page.count(f">{key}<") == 1
    assert "shown on this page only" in page


def test_it_has_256_bits_and_is_another_one_each_time(visitor: Visitor) -> None:
    keys = {make(visitor)[1] for _ in range(5)}
    assert len(keys) == 5
    assert {len(key) for key in keys} == {43}  # 32 bytes in base 64


def test_no_cache_keeps_the_page(visitor: Visitor) -> None:
    answer = gateway.post(visitor.client, "setup_make_key", visitor.setup, "gateway", WEBHOOK)
    assert "no-store" in answer["Cache-Control"]


def test_it_stands_on_no_later_page_in_no_session_message_or_history(visitor: Visitor, tenant: Tenant) -> None:
    _, key = make(visitor)
    later: list[Any] = [
        visitor.see("gateway"),
        visitor.save("gateway", gateway.GATEWAY | {WEBHOOK: ""}),
        visitor.see("headers"),
        visitor.save("headers", {"headers": ""}),
        visitor.save("prerequisites", gateway.answers(tenant)["prerequisites"]),
        visitor.see("review"),
        visitor.client.get(reverse("tenant", args=[tenant.pk])),
        visitor.client.get(f"{reverse('history:list')}?tenant={tenant.pk}"),
    ]
    assert [page.status_code for page in later] == [200, 302, 200, 302, 302, 200, 200, 200]
    assert not [page for page in later if key in page.content.decode()]
    assert not [message for page in later for message in get_messages(page.wsgi_request) if key in str(message)]
    assert not [session for session in Session.objects.all() if key in str(session.get_decoded())]
    assert key not in whole_database()
    assert stored(tenant, Kind.GATEWAY_WEBHOOK_KEY) == key  # the empty input kept it


def test_its_fingerprint_is_in_the_history(visitor: Visitor, tenant: Tenant) -> None:
    make(visitor)
    page = visitor.client.get(f"{reverse('history:list')}?tenant={tenant.pk}").content.decode()
    assert tenant.credentials.get(kind=Kind.GATEWAY_WEBHOOK_KEY).fingerprint in page


def test_what_was_typed_stays_in_the_form_but_for_keys(visitor: Visitor) -> None:
    typed = {
        "asyncPhoneNumber": "12345\nhalf a num",
        "asyncWebhookURL": "https://typed",
        "asyncAPISignatureKey": "typed",
    }
    page, _ = make(visitor, **typed)
    assert "half a num</textarea>" in page
    assert 'value="https://typed"' in page
    assert 'value="typed"' not in page
    visitor.setup.refresh_from_db()
    assert visitor.setup.answers is None


def test_the_form_can_be_saved_afterwards(visitor: Visitor) -> None:
    for field in FIELDS:
        make(visitor, field)
    empty = dict.fromkeys(FIELDS, "")
    assert visitor.save("gateway", gateway.GATEWAY | empty).status_code == 302


@pytest.mark.parametrize(
    ("step", "field"),
    [("prerequisites", "apiKey"), ("gateway", "asyncWebhookURL"), ("gateway", "nothing"), ("nowhere", WEBHOOK)],
)
def test_only_these_fields_can_be_made(visitor: Visitor, step: str, field: str) -> None:
    before = visitor.setup.tenant.credentials.count()
    assert gateway.post(visitor.client, "setup_make_key", visitor.setup, step, field).status_code == 404
    assert visitor.setup.tenant.credentials.count() == before


def test_a_started_set_up_keeps_its_keys(reviewer: Visitor, wake_ups: list[str]) -> None:
    reviewer.do("start")
    answer = gateway.post(reviewer.client, "setup_make_key", reviewer.setup, "gateway", WEBHOOK)
    assert answer.status_code == 302
    assert stored(reviewer.setup.tenant, Kind.GATEWAY_WEBHOOK_KEY) == gateway.WEBHOOK_KEY


@pytest.mark.parametrize(("who", "status"), [("auditor", 403), ("representative", 403), ("outsider", 404)])
def test_nobody_else_makes_one(
    draft: Setup, client_of: Callable[[User], Client], request: pytest.FixtureRequest, who: str, status: int
) -> None:
    client = client_of(request.getfixturevalue(who))
    assert gateway.post(client, "setup_make_key", draft, "gateway", WEBHOOK).status_code == status
    assert stored(draft.tenant, Kind.GATEWAY_WEBHOOK_KEY) == gateway.WEBHOOK_KEY


def test_saving_the_page_that_shows_a_key_makes_no_other(visitor: Visitor, tenant: Tenant) -> None:
    page, key = make(visitor)
    form = page.partition('<form id="step"')[2].partition(">")[0]
    assert f'action="{visitor.url("gateway")}"' in form
    visitor.save("gateway", gateway.GATEWAY | {WEBHOOK: ""})
    assert stored(tenant, Kind.GATEWAY_WEBHOOK_KEY) == key
