"""Ciphertexts that were swapped or damaged: pages answer, runs stop in words, and entering the secret mends it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from portal.accounts.models import User
from portal.audit.actors import Actor
from portal.core.tasks.sweeper import MOST_TRIES
from portal.devtools.sandbox.control import Control
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.keyset import new_keyset
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from tests.provisioning import kaleyra
from tests.provisioning.kaleyra import ACCOUNT, Visitor, facts, verbs
from tests.support.stored import stored_values

WRONG = "does not open with the vault's keys"
STEPS = ["prerequisites", "account", "sender"]

Damage = Callable[[Setup, Tenant], None]


def _kind(setup: Setup, kind: Kind) -> Credential:
    return Credential.objects.get(tenant=setup.tenant_id, kind=kind)


def _put(row: Credential, ciphertext: bytes | memoryview) -> None:
    Credential.objects.filter(pk=row.pk).update(ciphertext=bytes(ciphertext))


def _bytes(row: Credential) -> bytes:
    return bytes(row.ciphertext)


def two_of_its_rows_are_swapped(setup: Setup, other: Tenant) -> None:
    one, two = _kind(setup, Kind.KALEYRA_PASSWORD), _kind(setup, Kind.KALEYRA_USER_NAME)
    _put(one, two.ciphertext)
    _put(two, one.ciphertext)


def another_tenants_is_in_its_place(setup: Setup, other: Tenant) -> None:
    _put(_kind(setup, Kind.NEXUS_API_KEY), Credential.objects.get(tenant=other).ciphertext)


def another_fields_is_in_its_place(setup: Setup, other: Tenant) -> None:
    _put(_kind(setup, Kind.KALEYRA_PASSWORD), setup.answers or b"")


def one_bit_is_flipped(setup: Setup, other: Tenant) -> None:
    row = _kind(setup, Kind.KALEYRA_PASSWORD)
    _put(row, _bytes(row)[:-1] + bytes([_bytes(row)[-1] ^ 1]))


def its_key_id_is_of_no_key(setup: Setup, other: Tenant) -> None:
    row = _kind(setup, Kind.KALEYRA_PASSWORD)
    _put(row, _bytes(row)[:1] + b"\0\0\0\1" + _bytes(row)[5:])


def it_is_cut(setup: Setup, other: Tenant) -> None:
    row = _kind(setup, Kind.KALEYRA_PASSWORD)
    _put(row, _bytes(row)[:20])


def it_is_empty(setup: Setup, other: Tenant) -> None:
    _put(_kind(setup, Kind.KALEYRA_PASSWORD), b"")


DAMAGES = [
    two_of_its_rows_are_swapped,
    another_tenants_is_in_its_place,
    another_fields_is_in_its_place,
    one_bit_is_flipped,
    its_key_id_is_of_no_key,
    it_is_cut,
    it_is_empty,
]
each_damage = pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)


def pages(setup: Setup) -> Iterator[str]:
    """Every page that has to do with a set-up and its tenant."""
    yield from (reverse("setup_step", args=[setup.pk, step]) for step in STEPS)
    yield from (reverse(name, args=[setup.pk]) for name in ("setup_review", "setup", "setup_timeline"))
    yield from (reverse(name, args=[setup.tenant_id]) for name in ("tenant", "tenants:edit", "options"))
    yield from (reverse("tenants:list"), reverse("history:list"))


@each_damage
def test_every_page_answers(reviewer: Visitor, other_tenant: Tenant, damage: Damage) -> None:
    damage(reviewer.setup, other_tenant)
    answers = {path: reviewer.client.get(path, follow=True).status_code for path in pages(reviewer.setup)}
    assert set(answers.values()) == {200}, answers


@each_damage
def test_a_run_stops_in_words_before_anything_is_sent(
    queued: Setup, other_tenant: Tenant, sandbox: Control, onlooker: Visitor, damage: Damage
) -> None:
    damage(queued, other_tenant)
    stopped = kaleyra.run(queued)
    assert stopped.state == "failed"
    assert WRONG in stopped.sentence
    assert stopped.sentence.startswith(("Kaleyra", "Nexus API key")), "it says which one"
    assert sandbox.ledger() == []
    assert verbs(queued.tenant)[-1] == "setup.failed"
    assert not Credential.objects.exclude(last_used_at=None).exists(), "none was used"
    assert "does not open" in onlooker.client.get(reverse("setup", args=[queued.pk])).content.decode()


@each_damage
def test_entering_it_again_mends_it(
    queued: Setup, other_tenant: Tenant, sandbox: Control, onlooker: Visitor, damage: Damage
) -> None:
    damage(queued, other_tenant)
    kaleyra.run(queued)
    onlooker.do("reopen")
    assert onlooker.save("prerequisites", facts(queued.tenant) | {"apiKey": "a key"}).status_code == 302
    assert onlooker.save("account", ACCOUNT).status_code == 302
    onlooker.do("start")
    assert kaleyra.run(queued).state == "succeeded"
    assert sandbox.ledger()[-1]["body"]["secret"]["password"] == ACCOUNT["kaleyraPassword"]


@each_damage
def test_the_tenants_page_takes_a_new_key(
    draft: Setup, other_tenant: Tenant, client_of: Callable[[User], Client], administrator: User, damage: Damage
) -> None:
    damage(draft, other_tenant)
    tenant = draft.tenant
    values = {"name": tenant.name, "ccid": tenant.ccid, "nexus_url": tenant.nexus_url, "nexus_api_key": "a new key"}
    answer = client_of(administrator).post(reverse("tenants:edit", args=[tenant.pk]), values)
    assert answer.status_code == 302
    assert stored_values(tenant.pk, [Kind.NEXUS_API_KEY]) == {"apiKey": "a new key"}


def test_the_very_value_that_does_not_open_any_more_can_be_stored_again(actor: Actor, draft: Setup) -> None:
    one_bit_is_flipped(draft, draft.tenant)
    password = ACCOUNT["kaleyraPassword"]
    store_credential(actor, draft.tenant_id, Kind.KALEYRA_PASSWORD, password, draft=str(draft.pk))
    assert stored_values(draft.tenant_id, [Kind.KALEYRA_PASSWORD]) == {"kaleyraPassword": ACCOUNT["kaleyraPassword"]}


def test_answers_of_another_draft_are_a_sentence(reviewer: Visitor, actor: Actor, other_tenant: Tenant) -> None:
    foreign = Setup.objects.create(tenant=other_tenant, option="kaleyra", changed_by_label="x")
    Setup.objects.filter(pk=foreign.pk).update(answers=reviewer.setup.answers)
    Setup.objects.filter(pk=reviewer.setup.pk).update(
        answers=Credential.objects.filter(tenant=other_tenant)[0].ciphertext
    )
    for path in pages(reviewer.setup):
        assert reviewer.client.get(path, follow=True).status_code == 200
    page = reviewer.client.get(reviewer.url("review"), follow=True).content.decode()
    assert "does not open with the vault&#x27;s keys" in page


# Without the keys


@pytest.fixture
def no_keys(tmp_path: Path, settings: object) -> Path:
    """A keyset that nobody can read."""
    path = tmp_path / "keyset.json"
    path.write_text("{}")
    settings.VAULT_KEYSET_FILE = str(path)  # type: ignore[attr-defined]  # pytest-django's settings
    return path


def test_pages_that_need_the_keys_are_not_ready_and_the_others_answer(reviewer: Visitor, no_keys: Path) -> None:
    for path in pages(reviewer.setup):
        answer = reviewer.client.get(path, follow=True)
        assert answer.status_code in {200, 503}
    page = reviewer.see("account")
    assert page.status_code == 503
    assert "The portal cannot reach its keys right now." in page.content.decode()
    assert reviewer.client.get(reverse("tenant", args=[reviewer.setup.tenant_id])).status_code == 200


def test_a_save_without_the_keys_loses_nothing(reviewer: Visitor, no_keys: Path) -> None:
    before = Setup.objects.values().get(), list(Credential.objects.values())
    assert reviewer.save("account", ACCOUNT | {"kaleyraPassword": "new"}).status_code == 503
    assert reviewer.do("start").status_code == 503
    assert (Setup.objects.values().get(), list(Credential.objects.values())) == before


def wake_up(setup: Setup) -> Setup:
    """Its wait is over, and a message comes."""
    Setup.objects.update(next_attempt_at=None)
    return kaleyra.run(setup)


def test_keys_that_are_away_for_a_minute_cost_a_minute(queued: Setup, settings: Any, tmp_path: Path) -> None:
    keys = settings.VAULT_KEYSET_FILE
    settings.VAULT_KEYSET_FILE = str(tmp_path)
    assert wake_up(queued).state == "queued"
    settings.VAULT_KEYSET_FILE = keys
    assert wake_up(queued).state == "succeeded"


def test_a_run_without_the_keys_stops_in_words_and_goes_on_with_them(
    queued: Setup, onlooker: Visitor, no_keys: Path, sandbox: Control, settings: object
) -> None:
    good = no_keys.parent / "good.json"
    ends = [wake_up(queued).state for _ in range(MOST_TRIES)]
    assert ends == ["queued"] * (MOST_TRIES - 1) + ["failed"]
    assert kaleyra.run(queued).sentence.startswith("The vault's keyset cannot be read. Check VAULT_KEYSET_FILE")
    assert sandbox.ledger() == []
    good.write_text(new_keyset())  # another one: what lies there was sealed with the run's own
    settings.VAULT_KEYSET_FILE = str(good)  # type: ignore[attr-defined]  # the same
    onlooker.do("resume")
    assert WRONG in kaleyra.run(queued).sentence
