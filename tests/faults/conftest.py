"""Fixtures of the fault tests: many set-ups at once, those who finish them, and a portal that can be taken apart."""

from collections.abc import Callable, Iterator

import pytest

from genesys_cloud import access as accesses
from genesys_cloud.access import Access
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.audit.actors import Actor, command_line
from portal.devtools.sandbox.control import Control
from portal.devtools.sandbox.genesys_cloud.clients import DEMO_CLIENT_ID, DEMO_CLIENT_SECRET
from portal.tenants.models import Tenant
from portal.vault.actions import store_credential
from portal.vault.kinds import Kind
from provisioning.models import Setup
from tests.faults import runs
from tests.faults.house import House
from tests.support.cast import new_person
from tests.support.children import Restartable
from tests.support.services import StartWorker

#: Windows so short that what a fault costs is over in seconds.
WINDOWS = {"SETUP_LEASE_SECONDS": "1.5", "SWEEP_SECONDS": "0.5", "SETUP_REPUBLISH_SECONDS": "0.5"}


def again(times: int) -> list[object]:
    """The rounds of a test: the first for every change, the others for `make faults`."""
    return [1, *(pytest.param(number, marks=pytest.mark.slow_faults) for number in range(2, times + 1))]


@pytest.fixture
def user(transactional_db: None) -> User:
    """The administrator of all tenants of a test."""
    return new_person("administrator")


@pytest.fixture
def drafts(user: User, sandbox: Control) -> Callable[[int], list[Setup]]:
    """Make that many complete drafts, which would be sent to the sandbox."""
    return lambda count: runs.drafts(user, sandbox.url, count)


@pytest.fixture
def finish(start_worker: StartWorker, start_beat: Callable[..., Restartable]) -> Callable[[list[Setup]], None]:
    """Let a new worker and a beat finish what others began."""

    def finish_them(setups: list[Setup]) -> None:
        start_worker(**WINDOWS)
        start_beat(**WINDOWS)
        runs.wait_until_ended(setups)

    return finish_them


@pytest.fixture(scope="module")
def shared_house(django_db_setup: None) -> Iterator[House]:
    """The house of a module's tests; `house` is the one to ask for."""
    house = House(WINDOWS)
    yield house
    house.stop()


@pytest.fixture
def house(transactional_db: None, shared_house: House, shared_worker: Restartable) -> House:
    """A portal of which every part lives, whatever the test before took away."""
    shared_worker.stop()  # an earlier test's would give signs of life in the same database
    shared_house.ensure()
    return shared_house


@pytest.fixture
def ordering(transactional_db: None, tenant: Tenant, sandbox: Control, monkeypatch: pytest.MonkeyPatch) -> Access:
    """The demo's OAuth client at the sandbox, lent to the tenant as a finished set-up would."""
    access = Access(tenant.pk, f"{sandbox.url}/login-host", f"{sandbox.url}/api-host", DEMO_CLIENT_ID)
    store_credential(command_line(), tenant.pk, Kind.CLIENT_SECRET, DEMO_CLIENT_SECRET, binding=access.binding)
    monkeypatch.setattr(accesses, "_answers", [lambda _: access])
    return access


@pytest.fixture
def buyer(representative: User) -> Actor:
    """A representative of Acme."""
    return person(representative)
