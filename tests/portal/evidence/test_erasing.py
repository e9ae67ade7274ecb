"""What is erased stands nowhere any more: not in the history, and not in any row beside it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.accounts.models import Session, User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor, command_line
from portal.audit.event_lookup import fields
from portal.audit.integrity_check import verify_database
from portal.audit.models import Event, PersonalText
from portal.evidence import erasure
from portal.evidence.actions import ask_pack, erase
from portal.evidence.models import Pack
from portal.evidence.selection import Period
from portal.http_client.models import Call
from portal.people.actions import find_by_token, invite
from portal.people.models import Invitation
from portal.tenants.models import Tenant
from portal.vault.models import Credential
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.databases, pytest.mark.django_db]

ADDRESS = "administrator@example.com"


def rows_with(text: str) -> list[str]:
    """Every table of the database that holds the text in some column of it."""
    found = []
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own tables
            if any(text in str(row).lower() or text.encode() in _bytes(row) for row in cursor.fetchall()):
                found.append(table)
    return found


def _bytes(row: tuple[Any, ...]) -> bytes:
    return b"".join(bytes(cell) for cell in row if isinstance(cell, bytes | memoryview))


def call(tenant: Tenant, **more: Any) -> Call:
    return Call.objects.create(
        tenant_id=tenant.pk, destination="nexus", purpose="order", method="POST", sent_at=timezone.now(), **more
    )


@pytest.fixture
def everywhere(actor: Actor, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """An administrator whose address stands in labels, URLs, headers, bodies and sentences."""
    heard(monkeypatch)
    ask_pack(actor, [str(tenant.pk)], Period())
    Credential.objects.update(set_by_label=actor.label)
    call(
        tenant,
        url="https://api.example.com/?email=administrator%40example.com",
        request_headers={"X-User": [ADDRESS]},
        request_body='{"emailAddress": "Administrator@Example.com"}',
        sentence=f"{ADDRESS} is not known there.",
    )
    return actor


def test_an_erased_address_is_left_in_the_account_only(everywhere: Actor, site_administrator: User) -> None:
    assert len(rows_with(ADDRESS)) >= 5
    erase(person(site_administrator), ADDRESS, reason=f"{ADDRESS} asked for it")
    assert rows_with(ADDRESS) == ["accounts_user"]
    assert rows_with("administrator%40example.com") == []
    assert (Pack.objects.get().asked_by_label, Credential.objects.get().set_by_label) == ("(erased)", "(erased)")
    kept = Call.objects.get()
    assert kept.url == "https://api.example.com/?email=(erased)"
    assert kept.request_headers == {"X-User": ["(erased)"]}
    assert kept.request_body == '{"emailAddress": "(erased)"}'
    assert verify_database().problems == []


def test_the_line_says_how_many_rows_it_was(everywhere: Actor, site_administrator: User) -> None:
    erase(person(site_administrator), ADDRESS, reason="as asked")
    assert fields(Event.objects.filter(verb="history.erased").get())["changes"] == {
        "text": ["kept", "erased"],
        "rows": [None, 3],
    }


def test_longer_addresses_and_other_people_stay(tenant: Tenant, everywhere: Actor) -> None:
    other = call(tenant, url="https://a.example/", sentence=f"jim-{ADDRESS}, {ADDRESS}.au and x.{ADDRESS} stay")
    erase(command_line(), ADDRESS, reason="as asked")
    other.refresh_from_db()
    assert other.sentence == f"jim-{ADDRESS}, {ADDRESS}.au and x.{ADDRESS} stay"


def test_a_text_that_stands_in_rows_only_is_erased_too(tenant: Tenant) -> None:
    kept = call(tenant, url="https://a.example/", sentence="For carol@example.com only")
    erase(command_line(), " Carol@example.com ", reason="as asked")
    kept.refresh_from_db()
    assert kept.sentence == "For (erased) only"
    assert verify_database().problems == []
    with pytest.raises(ValidationError, match="Neither the history nor any row holds this text"):
        erase(command_line(), "carol@example.com", reason="as asked")


def test_an_open_invitation_of_the_address_is_withdrawn(tenant: Tenant) -> None:
    _, token = invite(command_line(), email="dora@example.com", tenant=tenant, role=Role.AUDITOR)
    erase(command_line(), "dora@example.com", reason="as asked")
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.withdrawn_at is None) == ("(erased)", False)
    with pytest.raises(Exception, match="cannot be used"):
        find_by_token(token)


def test_nothing_is_erased_that_a_lock_still_needs(everywhere: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasure, "locks", [lambda text: f"An order needs {text}." if text == ADDRESS else None])
    with pytest.raises(ValidationError, match="An order needs"):
        erase(command_line(), ADDRESS, reason="as asked")
    assert PersonalText.objects.filter(text=ADDRESS).exists()


@pytest.mark.parametrize(
    "model",
    [
        "accounts.Session",
        "http_client.Call",
        "people.Invitation",
        "evidence.Pack",
        "tollfree.OrderGroup",
        "provisioning.Setup",
    ],
)
def test_a_new_table_of_ours_is_searched_without_an_entry(model: str) -> None:
    assert erasure.is_searched(apps.get_model(model))
    assert not erasure.is_searched(User)


def test_the_address_of_a_machine_is_erased_from_open_sessions_too(
    client_of: Callable[[User], Client], auditor: User
) -> None:
    client_of(auditor).get("/history/", REMOTE_ADDR="203.0.113.77")
    Session.objects.update(address="203.0.113.77")
    erase(command_line(), "203.0.113.77", reason="as asked")
    assert set(Session.objects.values_list("address", flat=True)) == {"(erased)"}
