"""`kill -9` at every statement between a change and its commit, and right after it: never one without the other."""

import itertools
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from portal.audit.actors import command_line
from portal.audit.event_lookup import faults, fields
from portal.audit.models import Event
from portal.audit.verbs import Verb
from portal.tenants.actions import edit_tenant
from portal.tenants.models import Tenant

pytestmark = [pytest.mark.faults, pytest.mark.databases]


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _counting(reached: Callable[[int], None]) -> Callable[..., Any]:
    """A wrapper of all statements that tells each moment before and after one, by number."""
    moments = itertools.count()

    def wrapper(execute: Callable[..., Any], *statement: Any) -> Any:
        reached(next(moments))
        result = execute(*statement)
        reached(next(moments))
        return result

    return wrapper


def _rename(tenant: Tenant, name: str, reached: Callable[[int], None], committed: Callable[[], None]) -> None:
    with connection.execute_wrapper(_counting(reached)), transaction.atomic():
        edit_tenant(command_line(), tenant, name=name)
        transaction.on_commit(committed)


def _rename_and_die(tenant: Tenant, name: str, moment: int) -> bool:
    """Let a child rename the tenant and die at that moment; say whether it died."""
    connection.close()  # no connection survives a fork
    child = os.fork()
    if child == 0:
        try:
            _rename(tenant, name, lambda number: _die() if number == moment else None, _die)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.slow_faults)])
def test_a_change_never_stands_without_its_line_nor_a_line_without_its_change(
    kills: int, transactional_db: None, tenant: Tenant
) -> None:
    moments: list[int] = []
    connection.close()  # children connect anew, and what is said to the database then counts too
    _rename(tenant, "Name 0", moments.append, lambda: None)
    assert len(moments) >= 10  # the change, its line, and the head: each before and after
    committed = 0
    for kill in range(1, kills + 1):
        moment = len(moments) * (kill - 1) // (kills - 1)  # the last is one more than there are: after the commit
        assert _rename_and_die(tenant, f"Name {kill}", moment)
        lines = Event.objects.filter(chain=str(tenant.pk), verb=Verb.TENANT_CHANGED).order_by("-seq")
        told = fields(lines[0])["changes"]["name"][1]
        assert Tenant.objects.get().name == told
        assert list(faults(str(tenant.pk))) == []
        committed += told == f"Name {kill}"
        assert lines.count() == 1 + committed
    assert 0 < committed < kills
