import os
import pwd

import pytest

from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import SYSTEM, ActorKind, command_line


def test_a_person_is_named_by_their_address(administrator: User) -> None:
    actor = person(administrator)
    assert (actor.kind, actor.label, actor.user_id) == (ActorKind.PERSON, "administrator@example.com", administrator.pk)


def test_a_worker_acts_in_the_name_of_the_person(administrator: User) -> None:
    worker = person(administrator).at_work()
    assert (worker.kind, worker.label, worker.user_id) == (
        ActorKind.WORKER,
        "administrator@example.com",
        administrator.pk,
    )
    assert worker.at_work() == worker


def test_command_line_and_portal_stay_themselves_at_work() -> None:
    assert command_line().at_work() == command_line()
    assert SYSTEM.at_work() == SYSTEM


def test_the_command_line_has_the_name_that_the_system_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "somebody-else")
    actor = command_line()
    assert (actor.kind, actor.user_id) == (ActorKind.COMMAND_LINE, None)
    assert actor.label == pwd.getpwuid(os.getuid()).pw_name


def test_a_user_without_a_passwd_entry_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 54321)
    assert command_line().label == "uid 54321"
