"""Digital Channels is asked for a key once for each request, whatever is clicked and whoever dies."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor
from portal.core.tasks.sweeper import MOST_TRIES
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.gws import ADMINISTRATOR, API_CLIENT
from portal.tenants.models import Tenant
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import KeyRequest, KeyState, Setup
from provisioning.options.genesys_cloud import key_requests
from provisioning.options.genesys_cloud.key_requests import KIND, ask_key, make_key, show_key
from tests.provisioning.collisions.crowd import at_once, second_tab
from tests.provisioning.genesys_cloud import cloud
from tests.provisioning.kaleyra import verbs
from tests.support.cast import new_member
from tests.support.files import PROJECT
from tests.support.sweeping import sweep
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True)]

NAMES = ("gwsClientId", "gwsClientSecret", "gwsUserName", "gwsPassword")
GOOD = dict(zip(NAMES, (*API_CLIENT, *ADMINISTRATOR), strict=True))
LOOK_FIRST = "look into the table nex_apikeys of Digital Channels before another is made"


@pytest.fixture(autouse=True)
def published(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


@pytest.fixture
def setup(actor: Actor, tenant_at_sandbox: Tenant) -> Setup:
    return cloud.draft_to(actor, tenant_at_sandbox, "credentials")


@pytest.fixture
def asked(actor: Actor, setup: Setup, sandbox: Control) -> KeyRequest:
    return ask_key(actor, setup, sandbox.url, GOOD, seen=0)


def keys_made(sandbox: Control) -> int:
    return sum(str(line["effect"]).startswith("made API key") for line in sandbox.ledger(effects=True))


def its_lease_is_over(asked: KeyRequest) -> None:
    KeyRequest.objects.filter(pk=asked.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def come(asked: KeyRequest) -> KeyRequest:
    """A message comes to a worker."""
    make_key(asked.pk)
    asked.refresh_from_db()
    return asked


def test_two_tabs_at_the_same_moment_make_one_key(
    setup: Setup, administrator: User, client_of: Callable[[User], Client], sandbox: Control, published: list[str]
) -> None:
    first = client_of(administrator)
    data = {"authURL": sandbox.url, **GOOD, "seen": "0"}
    url = reverse("genesys_cloud_make_key", args=[setup.pk])
    tabs = [first, second_tab(first)]
    answers = at_once([lambda tab=tab: tab.post(url, data) for tab in tabs])  # type: ignore[misc]  # its own default
    assert [answer.status_code for answer in answers] == [302, 302]
    asked = KeyRequest.objects.get()
    assert published == [str(asked.pk)]
    at_once([lambda: make_key(asked.pk)] * 2)
    assert keys_made(sandbox) == 1


def test_a_second_click_that_comes_when_the_key_is_made_is_the_same_one(
    actor: Actor, setup: Setup, asked: KeyRequest, sandbox: Control
) -> None:
    come(asked)
    assert ask_key(actor, setup, sandbox.url, GOOD, seen=0) == asked
    another = ask_key(actor, setup, sandbox.url, GOOD, seen=asked.number)  # by somebody who saw that there is one
    assert (another.number, keys_made(sandbox)) == (2, 1)


def test_while_one_is_made_no_other_is(actor: Actor, setup: Setup, asked: KeyRequest, sandbox: Control) -> None:
    assert ask_key(actor, setup, sandbox.url, GOOD, seen=asked.number) == asked


#: What a worker does with a message, in a process that can be killed.
WORKER = (
    "import sys, uuid, django; django.setup(); "
    "from provisioning.options.genesys_cloud.key_requests import make_key; make_key(uuid.UUID(sys.argv[1]))"
)


@pytest.mark.parametrize(("point", "made"), [("key.sent", 0), ("key.answered", 1)])
def test_a_worker_that_dies_after_it_asked_leaves_an_unknown_outcome_and_nobody_asks_again(
    asked: KeyRequest, tenant: Tenant, sandbox: Control, point: str, made: int
) -> None:
    python_path = os.pathsep.join(["numbers", os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"CRASH_AT": point, "PYTHONPATH": python_path}
    dead = subprocess.run([sys.executable, "-c", WORKER, str(asked.pk)], cwd=PROJECT, env=environment, check=False)
    assert dead.returncode == -signal.SIGKILL
    make_key(asked.pk)  # a duplicate of the message
    its_lease_is_over(asked)
    assert come(asked).state == KeyState.FAILED
    assert LOOK_FIRST in asked.sentence
    assert (asked.sealed, keys_made(sandbox)) == (None, made)
    assert verbs(tenant)[-1] == "work.given_up"


def test_a_worker_that_dies_before_it_asked_is_made_up_for(
    asked: KeyRequest, sandbox: Control, published: list[str]
) -> None:
    KeyRequest.objects.update(
        state=KeyState.RUNNING, tries=1, asked_at=timezone.now() - timedelta(hours=1), lease_until=timezone.now()
    )
    published.clear()
    assert sweep(KIND) == 1
    assert published == [str(asked.pk)]
    assert come(asked).state == KeyState.MADE
    assert keys_made(sandbox) == 1


def test_a_key_whose_answer_came_when_the_lease_was_over_is_kept(
    asked: KeyRequest, sandbox: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch: Any = vars(key_requests)["fetch_key"]

    def outlast(*given: Any, **named: Any) -> str:
        key: str = fetch(*given, **named)
        its_lease_is_over(asked)
        make_key(asked.pk)  # another worker, which finds that it was asked
        return key

    monkeypatch.setattr(key_requests, "fetch_key", outlast)
    assert come(asked).state == KeyState.MADE
    assert Credential.objects.filter(kind=Kind.CLUSTER_API_KEY).count() == 1
    assert keys_made(sandbox) == 1


def test_a_keyset_that_is_away_is_waited_for_but_not_for_ever(
    asked: KeyRequest, settings: Any, tmp_path: Path, sandbox: Control
) -> None:
    keys = settings.VAULT_KEYSET_FILE
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    assert come(asked).state == KeyState.QUEUED
    KeyRequest.objects.update(tries=MOST_TRIES - 1)
    assert come(asked).state == KeyState.FAILED
    assert asked.sentence.startswith("The vault's keyset cannot be read.")
    settings.VAULT_KEYSET_FILE = keys
    assert sandbox.ledger() == []


def test_a_reply_that_is_lost_is_an_unknown_outcome(asked: KeyRequest, sandbox: Control) -> None:
    sandbox.fault("reply_lost", match={"path_contains": "apikeys"}, times=1)
    assert come(asked).state == KeyState.FAILED
    assert LOOK_FIRST in asked.sentence
    assert come(asked).state == KeyState.FAILED
    assert keys_made(sandbox) == 1


def test_who_asked_is_shown_the_key_once_and_nobody_else(asked: KeyRequest, actor: Actor, tenant: Tenant) -> None:
    come(asked)
    colleague = person(new_member("colleague", tenant, Role.ADMINISTRATOR))
    with pytest.raises(Exception, match="shown already, or somebody else asked"):
        show_key(colleague, asked)
    assert len(show_key(actor, asked)) == len("9b7682b7-cbce-422f-9bbb-ecda85e61695")
    with pytest.raises(Exception, match="shown already, or somebody else asked"):
        show_key(actor, asked)
    asked.refresh_from_db()
    assert asked.sealed is None
    assert verbs(tenant).count("credential.revealed") == 1


def test_two_clicks_at_the_same_moment_show_it_once(asked: KeyRequest, actor: Actor) -> None:
    come(asked)

    def click() -> str:
        try:
            return show_key(actor, asked)
        except Exception:  # noqa: BLE001 - the sentence is the other test's
            return ""

    assert at_once([click, click]).count("") == 1


def test_who_lost_the_role_in_between_gets_no_key(asked: KeyRequest, administrator: User, sandbox: Control) -> None:
    administrator.memberships.all().delete()
    assert come(asked).state == KeyState.FAILED
    assert asked.sentence.endswith("No key was made.")
    assert sandbox.ledger() == []


def test_the_credentials_lie_encrypted_until_a_worker_used_them(asked: KeyRequest) -> None:
    sealed = bytes(asked.sealed or b"")
    assert sealed
    assert [value for value in GOOD.values() if value.encode() in sealed] == []
    come(asked)
    assert bytes(asked.sealed or b"") != sealed  # it is the key now, which waits to be shown
