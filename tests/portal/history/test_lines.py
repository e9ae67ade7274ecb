"""An event that cannot be read, or a sentence that fails, leaves the others their place in the history."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from portal.accounts.models import User
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.history import sentences
from portal.history.event_rows import lines
from portal.tenants.models import Tenant
from tests.portal.audit.conftest import attack

__all__ = ["attack"]


def fail(_: Any) -> list[str]:
    raise ZeroDivisionError


def test_a_sentence_that_fails_is_written_the_usual_way(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sentences, "_makers", {})
    sentences.register(Verb.TENANT_CREATED, fail)
    event = Event.objects.filter(verb=Verb.TENANT_CREATED).get()
    assert any("Acme" in each for each in lines([event])[0].changes)


@pytest.mark.parametrize("forged", [b"no json", b"[]", b"{}", b'{"changes": 1}', b"\xff"])
def test_an_event_whose_bytes_were_changed_says_so_and_the_others_are_shown(
    forged: bytes, tenant: Tenant, site_auditor: User, client_of: Callable[[User], Client], attack: Callable[..., int]
) -> None:
    event = Event.objects.filter(chain=str(tenant.pk)).latest("pk")
    assert attack("UPDATE audit_event SET canonical = %s WHERE id = %s", forged, event.pk) == 1
    page = client_of(site_auditor).get("/history/?tenant=" + str(tenant.pk))
    assert page.status_code == 200
    assert "This event cannot be read: its bytes were changed." in page.text
    assert "added the tenant" in page.text
