"""The rehearsal directly, as a worker runs it; the judge of what was sent is the sandbox's ledger."""

import hashlib
import hmac
import json
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.http_client.messages import Answer
from portal.tenants.actions import archive_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.binding import Binding
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Rehearsal, Setup
from provisioning.options.custom_gateway.webhook_grading import grade
from provisioning.options.custom_gateway.webhook_test import ask_rehearsal, rehearse
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.custom_gateway.gateway import calls_of, draft_at, grades, rehearsed
from tests.provisioning.kaleyra import verbs, whole_database

pytestmark = pytest.mark.django_db(transaction=True)

At = Callable[[str], Setup]


@pytest.fixture
def at(actor: Actor, tenant_at_sandbox: Tenant, sandbox: Control, wake_ups: list[str]) -> At:
    """A draft whose gateway is the sandbox's of this name."""
    return lambda name: draft_at(actor, tenant_at_sandbox, sandbox, name)


def page_of(client: Client, setup: Setup) -> str:
    return unescape(gateway.page(client, "rehearsal", setup))


def signature(line: dict[str, Any], key: str) -> str:
    """What its signature would be with this key; the ledger keeps the body parsed, so it is written anew."""
    body = json.dumps(line["body"], ensure_ascii=False).encode()
    assert len(body) == int(line["headers"]["content-length"])
    return "sha1=" + hmac.new(key.encode(), body, hashlib.sha1).hexdigest()


def test_the_signature_is_the_hmac_of_the_raw_body(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    rehearsed(actor, at_good)
    signed, forged = sandbox.ledger()
    assert signed["headers"]["x-hub-signature"] == signature(signed, gateway.WEBHOOK_KEY)
    assert forged["headers"]["x-hub-signature"] != signature(forged, gateway.WEBHOOK_KEY)
    assert [line["status"] for line in (signed, forged)] == [200, 403]


def test_a_forged_signature_looks_like_a_right_one(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    rehearsed(actor, at_good)
    signed, forged = (line["headers"]["x-hub-signature"] for line in sandbox.ledger())
    assert (forged[:5], len(forged)) == (signed[:5], len(signed)) == ("sha1=", 45)


def test_both_carry_the_custom_headers(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    rehearsed(actor, at_good)
    assert [line["headers"]["custom-header-for-async-1"] for line in sandbox.ledger()] == ["12345", "12345"]


def test_the_sample_goes_to_a_number_that_belongs_to_nobody(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    rehearsed(actor, at_good)
    body = sandbox.ledger()[0]["body"]
    assert (body["channelId"], body["to"]) == (gateway.NUMBERS[0], "12025550100")


def test_both_are_kept_as_calls_and_shown_without_the_key(actor: Actor, at_good: Setup, client_of: Any) -> None:
    rehearsal = rehearsed(actor, at_good)
    assert [(call.purpose, call.status) for call in calls_of(rehearsal)] == [
        ("rehearse a signed message", 200),
        ("rehearse a wrongly signed message", 403),
    ]
    page = page_of(client_of(User.objects.get(email=actor.label)), at_good)
    assert "Rehearse a wrongly signed message" in page
    assert "messageId" in page
    assert gateway.WEBHOOK_KEY not in page
    assert gateway.WEBHOOK_KEY not in whole_database()


def test_a_gateway_that_echoes_all_gets_no_key_to_echo(actor: Actor, at: At, client_of: Any) -> None:
    setup = at("echoes")
    rehearsed(actor, setup)
    assert gateway.WEBHOOK_KEY not in page_of(client_of(User.objects.get(email=actor.label)), setup)
    assert gateway.WEBHOOK_KEY not in whole_database()


def test_the_history_tells_who_asked_and_how_it_ended(actor: Actor, at_good: Setup, tenant: Tenant) -> None:
    rehearsed(actor, at_good)
    assert verbs(tenant)[-4:] == ["rehearsal.asked", "call.made", "call.made", "rehearsal.ended"]


def test_asking_twice_is_one_rehearsal(actor: Actor, at_good: Setup, wake_ups: list[str], sandbox: Control) -> None:
    first, second = ask_rehearsal(actor, at_good), ask_rehearsal(actor, at_good)
    assert first == second
    assert wake_ups == [str(first.pk)]
    rehearse(first.pk)
    rehearse(first.pk)
    assert len(sandbox.ledger()) == 2


def test_it_can_be_asked_again_afterwards(actor: Actor, at_good: Setup) -> None:
    assert rehearsed(actor, at_good) != rehearsed(actor, at_good)


def test_without_the_webhooks_answers_there_is_nothing_to_rehearse(
    actor: Actor, empty_draft: Setup, administrator: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(administrator)
    answer = gateway.post(client, "rehearsal_ask", empty_draft)
    assert answer.status_code == 302
    assert "Answer the step “Gateway” first" in page_of(client, empty_draft)
    assert not Rehearsal.objects.exists()


def test_a_missing_key_is_named_and_nothing_is_sent(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    Credential.objects.filter(kind="asyncWebhookSignatureKey").delete()
    tone, sentence = grades(rehearsed(actor, at_good))["Rehearsal"]
    assert tone == "bad"
    assert sentence.startswith("Nothing was sent. There is no Gateway webhook signature key yet.")
    assert sandbox.ledger() == []


def test_a_draft_thrown_away_meanwhile_ends_in_words(actor: Actor, at_good: Setup, sandbox: Control) -> None:
    asked = ask_rehearsal(actor, at_good)
    Setup.objects.update(answers=None)
    rehearse(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "done"
    assert "Answer the step “Gateway” first" in grades(asked)["Rehearsal"][1]
    assert sandbox.ledger() == []


def test_an_archived_tenant_is_not_rehearsed(  # noqa: PLR0917 - the parts of the scene
    actor: Actor, at_good: Setup, tenant: Tenant, site_administrator: User, administrator: User, client_of: Any
) -> None:
    asked = ask_rehearsal(actor, at_good)
    archive_tenant(person(site_administrator), tenant)
    rehearse(asked.pk)
    asked.refresh_from_db()
    assert "was archived" in grades(asked)["Rehearsal"][1]
    client = client_of(administrator)
    gateway.post(client, "rehearsal_ask", at_good)
    page = page_of(client, at_good)
    assert "was archived" in page
    assert "Rehearse again" not in page
    assert Rehearsal.objects.count() == 1


def test_whoever_lost_the_right_meanwhile_rehearses_nothing(
    actor: Actor, at_good: Setup, administrator: User, sandbox: Control
) -> None:
    asked = ask_rehearsal(actor, at_good)
    administrator.memberships.all().delete()
    rehearse(asked.pk)
    asked.refresh_from_db()
    assert "may no longer set up its SMS" in grades(asked)["Rehearsal"][1]
    assert sandbox.ledger() == []


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https://169.254.169.254/latest/", "leads to an address that is never called"),
        ("https://10.0.0.1/sms", "leads into a private network"),
        ("http://127.0.0.1:9/sms", "must begin with https://"),
        ("https://localhost/sms", "leads to the portal's own machine"),
    ],
)
def test_a_forbidden_address_is_refused_again_before_the_send(  # noqa: PLR0917 - the table's columns and the parts
    actor: Actor, at: At, settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str, part: str
) -> None:
    setup = at("good")
    answers = {"asyncWebhookURL": url, "asyncPhoneNumber": ["12345"]}  # as if it had been allowed when it was saved
    monkeypatch.setattr("provisioning.options.custom_gateway.webhook_test.answers_of", lambda _: answers)
    binding, draft = Binding.to(url), str(setup.pk)
    store_credential(actor, setup.tenant_id, Kind.GATEWAY_WEBHOOK_KEY, "key", binding=binding, draft=draft)
    settings.OUTBOUND_LOOPBACK_ONLY = settings.OUTBOUND_ALLOW_LOOPBACK = False
    rehearsal = rehearsed(actor, setup)
    tone, sentence = grades(rehearsal)["Answers at all"]
    assert tone == "bad"
    assert part in sentence
    assert [call.error_code in {"address_refused", "url_refused"} for call in calls_of(rehearsal)] == [True, True]


@pytest.mark.parametrize(
    ("name", "code", "title", "part"),
    [
        ("huge", "too_large", "Returns a messageId", "too long to read"),
        ("endless", "too_large", "Answers at all", "was too large and was not read"),
        ("redirect_metadata", "redirected", "Takes a signed message", "redirects are not followed"),
        ("hostile", "rejected", "Takes a signed message", "It answered 400"),
    ],
)
def test_a_hostile_answer_is_cut_explained_and_kept_as_a_call(  # noqa: PLR0917 - the same
    actor: Actor, at: At, administrator: User, client_of: Any, name: str, code: str, title: str, part: str
) -> None:
    setup = at(name)
    rehearsal = rehearsed(actor, setup)
    call = calls_of(rehearsal)[0]
    assert call.error_code == code
    assert len(call.answer_body) < 100_000
    assert part in grades(rehearsal)[title][1]
    page = gateway.page(client_of(administrator), "rehearsal", setup)
    assert "<script>alert" not in page
    assert part in unescape(page)


def test_the_number_zero_names_a_message_and_false_does_not() -> None:
    def tone(body: bytes) -> str:
        answer = Answer(200, {}, body, "", 5)
        return next(
            each["tone"] for each in grade("https://x", answer, answer) if each["title"] == "Returns a messageId"
        )

    tones = [tone(b'{"messageId": %s}' % value) for value in (b"0", b"17", b'"x"', b"false", b"true", b'" "', b"[]")]
    assert tones == ["good", "good", "good", "bad", "bad", "bad", "bad"]


def test_an_auditor_looks_and_asks_nothing(
    actor: Actor, at_good: Setup, auditor: User, client_of: Callable[[User], Client]
) -> None:
    client = client_of(auditor)
    assert "Rehearse now" not in page_of(client, at_good)
    rehearsed(actor, at_good)
    assert "Refuses a wrong signature" in page_of(client, at_good)
    assert gateway.post(client, "rehearsal_ask", at_good).status_code == 403
    assert Rehearsal.objects.count() == 1


def test_an_outsider_finds_nothing(at_good: Setup, outsider: User, client_of: Callable[[User], Client]) -> None:
    assert gateway.post(client_of(outsider), "rehearsal_ask", at_good).status_code == 404
