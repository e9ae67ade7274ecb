"""The address or the key of a tenant changes while a run of it waits or works: the run takes one of both, whole."""

from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from portal.audit.actors import Actor
from portal.devtools.sandbox.control import Control
from portal.http_client import send
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.runs import engine
from provisioning.wizard.actions import SavedByAnother, begin_setup, save_step
from tests.portal.audit.conftest import problems
from tests.provisioning import kaleyra
from tests.provisioning.collisions.crowd import at_once
from tests.provisioning.custom_gateway import gateway
from tests.provisioning.kaleyra import KALEYRA_URL, calls_of, facts


def by_its_other_name(url: str) -> str:
    """The same sandbox at another address."""
    return url.replace("127.0.0.1", "localhost")


def test_a_run_that_waits_takes_the_new_key(queued: Setup, actor: Actor, sandbox: Control) -> None:
    edit_tenant(actor, queued.tenant, nexus_api_key="the new key")
    assert kaleyra.run(queued).state == "succeeded"
    assert {line["headers"]["x-api-key"] for line in sandbox.ledger()} == {"the new key"}


def test_a_run_that_waits_takes_no_password_to_a_new_address(queued: Setup, actor: Actor, sandbox: Control) -> None:
    other = by_its_other_name(sandbox.url)
    edit_tenant(actor, queued.tenant, nexus_url=other, nexus_api_key="the new key")
    setup = kaleyra.run(queued)
    assert (setup.state, sandbox.ledger()) == ("failed", [])
    assert (
        f"Kaleyra password: what is stored was entered for {KALEYRA_URL}, so it is not sent to {other}"
        in setup.sentence
    )


def test_one_that_works_already_stays_with_the_old_one(
    queued: Setup, actor: Actor, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = send.send

    def edited_meanwhile(*args: object) -> object:
        edit_tenant(actor, queued.tenant, nexus_url=by_its_other_name(sandbox.url), nexus_api_key="the new key")
        return honest(*args)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(engine, "send", edited_meanwhile)
    assert kaleyra.run(queued).state == "succeeded"
    assert {urlsplit(call.url).hostname for call in calls_of(queued)} == {"127.0.0.1"}
    assert len({line["headers"]["x-api-key"] for line in sandbox.ledger()}) == 1


@pytest.mark.databases
@pytest.mark.usefixtures("transactional_db")
@pytest.mark.parametrize("round_", range(3))
def test_at_the_same_moment_nobody_waits_for_ever_and_nothing_is_mixed(
    queued: Setup, tenant: Tenant, actor: Actor, sandbox: Control, round_: int
) -> None:
    other, draft = by_its_other_name(sandbox.url), begin_setup(actor, tenant, "custom_gateway", switch=True)
    keys = dict.fromkeys(("asyncAPISignatureKey", "asyncWebhookSignatureKey"), "of the gateway")
    edits = [
        lambda: edit_tenant(actor, tenant, nexus_url=other, nexus_api_key="the new key"),
        lambda: edit_tenant(actor, tenant, name="Renamed", nexus_api_key="the new key"),
        lambda: store_credential(actor, tenant.pk, Kind.NEXUS_API_KEY, "the new key"),
        lambda: store_credential(actor, tenant.pk, Kind.KALEYRA_PASSWORD, "the new password"),
        lambda: save(actor, draft, "prerequisites", facts(tenant) | {"nexusURL": other, "apiKey": "the new key"}),
        lambda: save(actor, draft, "gateway", gateway.GATEWAY | keys),
    ]
    at_once([*edits, lambda: engine.run(queued.pk), *edits, lambda: engine.run(queued.pk)])
    queued.refresh_from_db()
    # Either it left for the old address before the edit, whole, or nothing left: no password follows to the new one.
    assert queued.state in {"succeeded", "failed"}
    whole = ["created SMS", "created mGageSMS"] if queued.state == "succeeded" else []
    assert [line["effect"] for line in sandbox.ledger(effects=True)] == whole
    assert {urlsplit(call.url).hostname for call in calls_of(queued)} <= {"127.0.0.1"}
    assert len({line["headers"]["x-api-key"] for line in sandbox.ledger()}) <= 1
    assert queued.state == "succeeded" or f"is not sent to {other}" in queued.sentence
    assert problems(str(tenant.pk)) == []


def save(actor: Actor, draft: Setup, step: str, values: dict[str, str]) -> None:
    """Save a step as it was seen at the beginning; somebody else may have come first."""
    with suppress(SavedByAnother):
        save_step(actor, draft, step, values, 0)
