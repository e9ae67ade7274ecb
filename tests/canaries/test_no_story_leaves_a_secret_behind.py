"""Success, refusal, crash and a wizard that was left: afterwards no secret stands anywhere but sealed in the vault."""

import io
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from portal.accounts.models import User
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.options import OPTIONS
from provisioning.runs import engine
from provisioning.tasks import run_setup
from provisioning.wizard import views
from tests.canaries.conftest import TALKATIVE
from tests.canaries.stories import Walk, secret_kinds
from tests.support.canaries import Canary, Evidence, hits
from tests.support.stored import stored_values

pytestmark = pytest.mark.sweep

Everything = Callable[..., list[Evidence]]
#: All of them stop a run at once; the page in HTML is one of 500, where it would be tried again.
REFUSALS: list[dict[str, Any]] = [
    {"name": "unauthorized"},
    {"name": "echo_secrets_in_error"},
    {"name": "echo_secrets_in_html", "status": 400},
    {"name": "echo_secrets_in_header"},
    {"name": "echo_secrets_in_location"},
    {"name": "echo_secrets_encoded", "status": 403},
]


@pytest.fixture
def walk(people: dict[str, User], tenant: Tenant, nested: dict[str, Canary]) -> Walk:
    """The administrator before the Kaleyra wizard."""
    client = Client(raise_request_exception=False)
    client.force_login(people["administrator"])
    return Walk(client, tenant, OPTIONS["kaleyra"], nested)


def found(walk: Walk, everything: Everything, *roles: str) -> list[str]:
    """Where a canary stands; without roles, every role's pages are among the places."""
    return hits([*everything(*roles), *walk.pages], walk.canaries.values())


def run(walk: Walk) -> str:
    """Start it, run it as a worker does, and return how it stands then."""
    walk.press("start")
    return worked(walk)


def worked(walk: Walk) -> str:
    """Let a worker take its message, and return how it stands then."""
    run_setup.apply(args=(str(walk.setup.pk),), throw=False)
    return walk.setup.state


@pytest.mark.parametrize("option", list(OPTIONS))
def test_a_wizard_that_was_walked_to_its_end(walk: Walk, everything: Everything, option: str) -> None:
    walk.option = OPTIONS[option]
    walk.fill_in()
    wanted = {Kind.NEXUS_API_KEY, *walk.option.secrets} & secret_kinds()
    stored = stored_values(walk.tenant.pk, wanted)
    assert stored == {kind.value: walk.canaries[kind.value].value for kind in wanted}
    assert found(walk, everything) == []


def test_a_run_that_succeeds(walk: Walk, everything: Everything, sandbox: Control) -> None:
    sandbox.fault("echo_secrets")
    sandbox.fault("echo_secrets_encoded")
    walk.fill_in()
    assert run(walk) == "succeeded"
    sent = sandbox.ledger()[-1]["body"]["secret"]
    assert sent["password"] == walk.canaries["kaleyraPassword"].value, "the canary itself arrived"
    assert found(walk, everything, "administrator") == []


def test_a_run_that_is_refused_in_every_way(walk: Walk, everything: Everything, sandbox: Control) -> None:
    walk.fill_in()
    walk.press("start")
    for fault in REFUSALS:
        sandbox.fault(**fault, match={"path_contains": "mGageSMS"})
        assert worked(walk) == "failed"
        walk.press("resume")
    assert len(sandbox.ledger()) == 1 + len(REFUSALS)
    assert found(walk, everything) == []


def _send_that_raises(request: object, secrets: dict[str, str]) -> object:
    headers = {"x-api-key": secrets["apiKey"]}
    raise ValueError(f"cannot send {headers} and {secrets}")


def test_a_run_that_crashes_with_the_secret_in_its_message(
    walk: Walk, everything: Everything, logs: list[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "send", _send_that_raises)
    walk.fill_in()
    assert run(walk) == "running"
    assert "raised unexpected: ValueError" in logs[0].getvalue()
    assert found(walk, everything, "administrator") == []


def _save_that_raises(*args: Any) -> object:
    typed = {name: args[3].get(name) for name in args[3]}
    raise ValueError(f"cannot save {typed}")


def test_a_view_that_crashes_with_what_was_typed(
    walk: Walk, everything: Everything, logs: list[io.StringIO], monkeypatch: pytest.MonkeyPatch
) -> None:
    # While the error page is drawn, each variable that it does not find is a traceback with the view's error in it.
    logging.getLogger(TALKATIVE).setLevel(logging.DEBUG)
    walk.begin()
    monkeypatch.setattr(views, "save_step", _save_that_raises)
    for step in walk.option.steps:
        assert walk.save(step).status_code == 500
    assert "ValueError: cannot save" in logs[0].getvalue()
    assert len(mail.outbox) == len(walk.option.steps)
    assert not Credential.objects.exists()
    assert found(walk, everything, "administrator") == []


def test_a_wizard_that_was_left_half_way(walk: Walk, everything: Everything) -> None:
    walk.begin()
    for step in walk.option.steps[:2]:
        walk.save(step)
    assert found(walk, everything, "administrator") == []
    walk.press("discard")
    walk.get("/")
    assert walk.setup.state == "discarded"
    assert found(walk, everything, "administrator") == []


def test_a_tenant_that_is_added_and_edited_with_its_key(
    walk: Walk, everything: Everything, people: dict[str, User]
) -> None:
    walk.client.force_login(people["site"])
    values = {"name": "New", "ccid": "no id", "nexus_url": "http://127.0.0.1:9"}
    values["nexus_api_key"] = walk.canaries["apiKey"].value
    assert walk.post("/tenants/add/", values).status_code == 200
    assert walk.post("/tenants/add/", values | {"ccid": "9b2f3d4e-5a61-4c7d-8e9f-0a1b2c3d4e5f"}).status_code == 302
    added = Tenant.objects.get(name="New")
    assert walk.post(f"/tenants/{added.pk}/edit/", values).status_code == 200
    assert found(walk, everything, "administrator") == []
