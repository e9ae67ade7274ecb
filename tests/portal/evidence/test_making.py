"""Two makers of one pack: the row tells of the file that lies there, whoever of the two ends last."""

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from portal.audit.actors import Actor
from portal.audit.models import Event
from portal.evidence import pack_builder
from portal.evidence.actions import ask_pack, download_pack, file_of, folder_of_packs
from portal.evidence.models import Pack, PackState
from portal.evidence.selection import Period
from portal.tenants.models import Tenant
from tests.portal.audit.conftest import append
from tests.support.wake_ups import heard

pytestmark = [pytest.mark.databases, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("anchored")]


@pytest.fixture
def pack(actor: Actor, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> Pack:
    """A pack that waits for a worker."""
    heard(monkeypatch)
    return ask_pack(actor, [str(tenant.pk)], Period())


def let_the_lease_run_out(pack: Pack) -> None:
    Pack.objects.filter(pk=pack.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def another_maker(pack: Pack, tenant: Tenant) -> None:
    """A second worker makes it anew, after one more event."""
    let_the_lease_run_out(pack)
    append(tenant.pk, name="Acme 2")
    pack_builder.make_pack(pack.pk)


def while_hashing(monkeypatch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Call `do` once, when the first maker has written its file and not yet said so."""
    real, done = pack_builder._keep, list[int]()  # noqa: SLF001 - the moment between the two is what this is about

    def keep(pack: Pack) -> None:
        if not done:
            done.append(1)
            do()
        real(pack)

    monkeypatch.setattr(pack_builder, "_keep", keep)


def assert_is_whole(pack: Pack) -> None:
    pack.refresh_from_db()
    content = file_of(pack).read_bytes()
    assert pack.state == PackState.DONE
    assert (pack.sha256, pack.size) == (hashlib.sha256(content).hexdigest(), len(content))
    assert [*folder_of_packs().iterdir()] == [file_of(pack)]


def test_who_lost_the_lease_ends_nothing_when_the_other_has_ended(
    pack: Pack, actor: Actor, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    while_hashing(monkeypatch, lambda: another_maker(pack, tenant))
    pack_builder.make_pack(pack.pk)
    assert_is_whole(pack)
    assert download_pack(actor, pack) == file_of(pack)


def test_who_lost_the_lease_ends_nothing_while_the_other_is_at_it(
    pack: Pack, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Any] = []

    def take_over() -> None:
        let_the_lease_run_out(pack)
        taken.append(pack_builder._claim(pack.pk))  # noqa: SLF001 - another worker that has only begun

    while_hashing(monkeypatch, take_over)
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert (pack.state, pack.sha256, pack.file) == (PackState.RUNNING, "", taken[0].file)
    assert [*folder_of_packs().iterdir()] == []
    let_the_lease_run_out(pack)
    pack_builder.make_pack(pack.pk)
    assert_is_whole(pack)


def test_who_lost_the_lease_fails_nothing(pack: Pack, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Any = vars(pack_builder)["write_file"]

    def stumble(*parts: Any) -> Any:
        monkeypatch.setattr(pack_builder, "write_file", real)
        another_maker(pack, tenant)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pack_builder, "write_file", stumble)
    pack_builder.make_pack(pack.pk)
    assert_is_whole(pack)


def test_what_a_killed_worker_left_is_deleted_after_two_days(pack: Pack) -> None:
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    left = folder_of_packs() / f".{pack.pk}.1.zip.77.part"
    left.write_bytes(b"half")
    pack_builder.clear_away()
    assert left.exists()
    _age(left, days=3)
    pack_builder.clear_away()
    assert [*folder_of_packs().iterdir()] == [file_of(pack)]


def _age(file: Path, *, days: int) -> None:
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(file, (then, then))


def _damaged(pack: Pack) -> None:
    """What no code foresaw: a row whose list of chains holds a number."""
    Pack.objects.filter(pk=pack.pk).update(chains=[7])


def test_what_nobody_foresaw_is_told_and_tried_again_a_few_times(pack: Pack, tenant: Tenant, actor: Actor) -> None:
    whole = ask_pack(actor, [str(tenant.pk)], Period(begin=timezone.now() - timedelta(days=1)))
    _damaged(pack)
    for number in range(1, 5):
        pack_builder.make_pack(pack.pk)
        pack.refresh_from_db()
        assert (pack.state, pack.tries) == (PackState.RUNNING, number)
        assert f"try {number} of 5. The portal's log says why. It is tried again by itself." in pack.problem
        let_the_lease_run_out(pack)
    pack_builder.make_pack(whole.pk)
    assert_is_whole(whole)
    Pack.objects.filter(pk=pack.pk).update(chains=[str(tenant.pk)])
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert (pack.state, pack.problem, pack.tries) == (PackState.DONE, "", 5)


def test_the_last_try_ends_in_words_and_in_the_history(
    pack: Pack, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pack.objects.filter(pk=pack.pk).update(tries=4)

    def stumble(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(pack_builder, "write_file", stumble)
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert pack.state == PackState.FAILED
    assert pack.problem == (
        "Something unforeseen went wrong (ZeroDivisionError), try 5 of 5. The portal's log says why. "
        "It is not tried again by itself."
    )
    assert Event.objects.filter(verb="work.given_up", chain=str(tenant.pk)).count() == 1


def test_a_pack_of_which_not_even_the_chains_can_be_read_has_an_end(pack: Pack) -> None:
    _damaged(pack)
    Pack.objects.filter(pk=pack.pk).update(tries=4)
    pack_builder.make_pack(pack.pk)
    pack.refresh_from_db()
    assert (pack.state, pack.tries) == (PackState.FAILED, 5)
    Pack.objects.filter(pk=pack.pk).update(state=PackState.RUNNING, lease_until=None)
    let_the_lease_run_out(pack)
    pack_builder.give_up(pack.pk)
    pack.refresh_from_db()
    assert pack.state == PackState.FAILED
    assert pack.problem.startswith("Its worker ended before the work did, 5 times.")
