"""Rotations with readers and writers at work, killed again and again: nothing is ever unreadable or left behind."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from portal.audit.actors import command_line
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.vault import rotation
from portal.vault.encryption import decrypt, encrypt
from portal.vault.kinds import Kind
from portal.vault.models import Credential
from provisioning.models import Setup
from tests.portal.vault_keys.conftest import Rotate, by_key, opened, secrets, unreadable

pytestmark = pytest.mark.sweep

#: Each thread rests a little: the rotation shall have its turn too.
REST = 0.002


class Crowd:
    """People who read and write secrets all the time; what goes wrong for them is kept."""

    def __init__(self, rows: list[Credential]) -> None:
        self.rows, self.troubles = rows, list[str]()
        self.reads = self.writes = 0
        self._home = threading.Event()

    def _read(self, dice: random.Random) -> None:
        row = Credential.objects.get(pk=dice.choice(self.rows).pk)
        assert opened(row).startswith(f"value of {row.pk}"), f"{row.pk} holds another row's value"
        self.reads += 1

    def _write(self, dice: random.Random) -> None:
        """Store a secret as `store_credential` does: look at the row, seal, save."""
        with transaction.atomic():
            row = Credential.objects.select_for_update().get(pk=dice.choice(self.rows).pk)
            row.ciphertext = encrypt(f"value of {row.pk}, {self.writes}".encode(), row.place())
            row.save()
        self.writes += 1

    def _save_draft(self, dice: random.Random) -> None:
        """Save a draft as `save_step` does: open its answers, seal them anew, save the whole row."""
        with transaction.atomic():
            draft = Setup.objects.select_for_update().exclude(answers=None).order_by("pk")[dice.randrange(5)]
            before = decrypt(draft.answers or b"", draft.answers_place())
            draft.answers = encrypt(before, draft.answers_place())
            draft.save()
        self.writes += 1

    def _work(self, deed: Callable[[random.Random], None], seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 - which row comes next is no secret
        try:
            while not self._home.is_set():
                deed(dice)
                time.sleep(REST)
        except Exception as error:  # noqa: BLE001 - told to the test
            self.troubles.append(f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """All of them work until the block ends."""
        deeds = [self._read, self._read, self._write, self._save_draft]
        threads = [threading.Thread(target=self._work, args=(deed, seed)) for seed, deed in enumerate(deeds)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._home.set()
            for thread in threads:
                thread.join(30)


def nothing_was_lost(crowd: Crowd, old: int) -> None:
    """What must hold when all is over."""
    assert crowd.troubles == []
    assert min(crowd.reads, crowd.writes) > 0
    assert unreadable() == []
    assert {key: held for key, held in by_key().items() if held}.keys() == {rotation.primary()}
    assert rotation.primary() != old
    assert Event.objects.filter(verb=Verb.KEYS_ROTATED).count() == 1


@pytest.mark.databases
def test_nobody_notices_a_rotation(keyset: object, transactional_db: None) -> None:
    crowd, old = Crowd(secrets(450)), rotation.primary()
    with crowd.at_work():
        said = list(rotation.rotate(command_line(), grace=0.2))
    assert said[-1] == f"Disabled: {old}."
    nothing_was_lost(crowd, old)


def _killed_again_and_again(crowd: Crowd, rotating: Rotate, times: int) -> None:
    """Rotate in processes that are killed at a batch, and then in one that may end."""
    for number in range(times):
        dead = rotating("--grace", "0.2", CRASH_AT=f"rotation.batch:{number % 3 + 1}")
        assert dead.wait(120) in {-9, 0}, dead.communicate()
        assert crowd.troubles == []
    last = rotating("--grace", "0.2")
    said, complaint = last.communicate(timeout=240)
    assert last.returncode == 0, complaint
    assert "Disabled: " in said


@pytest.mark.parametrize(
    ("count", "kills"), [(2000, 4), pytest.param(10_000, 20, marks=pytest.mark.slow_faults)], ids=str
)
@pytest.mark.faults
def test_kill_after_kill_nothing_is_unreadable(rotating: Rotate, count: int, kills: int) -> None:
    crowd, old = Crowd(secrets(count)), rotation.primary()
    with crowd.at_work():
        _killed_again_and_again(crowd, rotating, kills)
    nothing_was_lost(crowd, old)


@pytest.mark.databases
def test_a_transaction_that_sealed_with_the_old_key_is_waited_for(
    keyset: object, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, old = secrets(1)[0], rotation.primary()
    late = Credential(tenant_id=first.tenant_id, kind=Kind.KALEYRA_PASSWORD, set_at=first.set_at, set_by_label="late")
    sealed, promoted = threading.Event(), threading.Event()

    def store_slowly() -> None:
        """Store a first value as `store_credential` does: seal before the key is promoted, commit long after."""
        try:
            with transaction.atomic():
                assert not Credential.objects.select_for_update().filter(pk=late.pk).exists()
                late.ciphertext = encrypt(f"value of {late.pk}".encode(), late.place())
                sealed.set()
                promoted.wait(10)
                time.sleep(0.3)
                late.save()
        finally:
            connection.close()

    Credential.objects.all().delete()
    Setup.objects.all().delete()
    monkeypatch.setattr(rotation, "failpoint", lambda point: promoted.set() if point == "rotation.promoted" else None)
    writer = threading.Thread(target=store_slowly)
    writer.start()
    assert sealed.wait(10)
    list(rotation.rotate(command_line(), grace=0))
    writer.join(10)
    assert unreadable() == []
    assert by_key()[old] == 0


def test_a_reader_who_took_a_ciphertext_before_still_opens_it(
    keyset: object, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, answers = secrets(1)[0], list[str]()
    Setup.objects.all().delete()
    slow = threading.Timer(0.15, lambda: answers.append(opened(held)))
    # With the batch its row is sealed again; what the reader holds is the ciphertext of before.
    monkeypatch.setattr(rotation, "failpoint", lambda point: slow.start() if point == "rotation.batch" else None)
    list(rotation.rotate(command_line(), grace=0.4))
    slow.join(10)
    assert answers == [f"value of {held.pk}"]
