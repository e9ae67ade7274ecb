"""A rule that fails leaves the others their findings, and does not pass for a good answer."""

from collections.abc import Iterator, Sequence

import pytest

from portal.audit.actors import Actor
from portal.tenants.models import Tenant
from senders import checks
from senders.actions import draft_sender
from senders.checks import FAILED, Finding
from senders.models import SenderId


def fail(_: Tenant, senders: Sequence[SenderId]) -> Iterator[Finding]:
    raise ZeroDivisionError


def test_a_rule_that_fails_is_told_once_and_the_others_find(
    actor: Actor, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in ("16504661149", "16504661150"):
        draft_sender(actor, tenant.pk, number=number, provider="Kaleyra")
    usual = [each.sentence for each in checks.findings(tenant)]
    monkeypatch.setattr(checks, "_rules", [fail, *checks._rules])  # noqa: SLF001 - the others stay
    told = [each.sentence for each in checks.findings(tenant)]
    assert sorted(told) == sorted([FAILED, *usual])
    assert usual
