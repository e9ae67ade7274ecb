"""A set-up that a worker has: how it is claimed, for how long, and how it is given back.

It is read first, and claimed by one conditional UPDATE that raises its fence. Every later write asks for that fence, so
a worker that was paused beyond its lease changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import F, Model, Q
from django.utils import timezone

from portal import rows
from portal.audit.actors import Actor, worker_for
from portal.audit.guarded import bookkeeping
from portal.audit.recording import Target
from portal.outbound.messages import Request
from portal.outbound.models import Call
from portal.tenants.models import Tenant
from portal.vault.actions import NOTHING, Revealed
from portal.wakeups import wake_after_commit
from provisioning.drafts import option_of
from provisioning.models import Setup, SetupState, SetupStep

RUN_TASK = "provisioning.tasks.run_setup"


@dataclass
class Run:
    """A set-up that this worker claims; the secrets never leave this object but into a request.

    `obstacle` says why it cannot be sent, if that was seen while it was made ready; `may_pass`: perhaps it can soon.
    """

    setup: Setup
    fence: int
    actor: Actor
    steps: list[SetupStep]
    requests: dict[str, Request] = field(default_factory=dict)
    revealed: Revealed = NOTHING
    obstacle: str = ""
    may_pass: bool = False

    @property
    def secrets(self) -> dict[str, str]:
        """Return the values of its secrets by the guide's variable name."""
        return self.revealed.values

    @property
    def rows(self) -> list[Model]:
        """Return the rows that a step of the run changes in memory."""
        return [self.setup, *self.steps, *self.revealed.rows]


@dataclass(frozen=True)
class Sending:
    """One request of a step on its way to Nexus; `reads_back`: it asks for the service, and creates nothing."""

    step: SetupStep
    request: Request
    call: Call
    reads_back: bool = False


def claimable(now: datetime) -> Q:
    """Return the filter on set-ups that a worker may take: due ones, and those whose worker went silent."""
    due = Q(not_before=None) | Q(not_before__lte=now)
    return Q(state=SetupState.QUEUED) & due | Q(state=SetupState.RUNNING, lease_until__lt=now)


def is_due(state: SetupState, not_before: datetime | None, lease_until: datetime | None, now: datetime) -> bool:
    """Say of one set-up what `claimable` filters by."""
    if state == SetupState.QUEUED:
        return not_before is None or not_before <= now
    return state == SetupState.RUNNING and lease_until is not None and lease_until < now


def look_up(setup_id: UUID, now: datetime) -> Run | None:
    """Read a set-up that is to be had now, and what belongs to it; None if it is not. Nothing is claimed yet."""
    setup = next(iter(rows.select(Setup, pk=setup_id)), None)
    if setup is None or not is_due(SetupState(setup.state), setup.not_before, setup.lease_until, now):
        return None
    (setup.tenant,) = rows.select(Tenant, pk=setup.tenant_id)
    actor = worker_for(setup.started_by_id, setup.started_by_label)
    return Run(setup, setup.fence + 1, actor, rows.select(SetupStep, setup=setup_id))


def claim(run: Run, now: datetime) -> bool:
    """Claim what was looked up, in the caller's transaction; False if it has moved since.

    The rule is that of `portal.core.tasks.claim`; the statement is compiled, for this is the hot path.
    """
    setup = run.setup
    # Whoever claims it in between raises the fence, and who goes on with it after all has a longer lease: then this
    # finds no row. So the steps are as they were read, too.
    seen = {"state": setup.state, "fence": setup.fence, "lease_until": setup.lease_until}
    claim = {"state": SetupState.RUNNING, "fence": run.fence, "lease_until": lease(now), "not_before": None}
    claim["tries"] = setup.tries + 1
    with bookkeeping():  # that a worker has it is no news; what comes of it is
        taken = rows.update(Setup, claim, pk=setup.pk, **seen)
    for name, value in claim.items():
        setattr(setup, name, value)
    return taken == 1


def lease(now: datetime) -> datetime:
    """Return how long a worker that shows life now has its set-up."""
    return now + timedelta(seconds=settings.SETUP_LEASE_SECONDS)


def count_lost_try(run: Run) -> None:
    """Count a try whose claim was not committed, because something failed before."""
    Setup.objects.filter(pk=run.setup.pk, fence=run.fence - 1).update(tries=F("tries") + 1)


def put_off(run: Run, seconds: float) -> None:
    """Let the sweeper wake it again after a while, in the caller's transaction: nothing is on its way."""
    due = timezone.now() + timedelta(seconds=seconds)
    with bookkeeping():  # it only changes hands
        Setup.objects.filter(pk=run.setup.pk, fence=run.fence).update(
            state=SetupState.QUEUED, lease_until=None, not_before=due, published_at=due
        )


def hand_back(run: Run) -> None:
    """Leave the rest to another worker: this one was asked to stop, and no call is on its way."""
    waiting = {"state": SetupState.QUEUED, "lease_until": None, "published_at": timezone.now(), "tries": 0}
    with bookkeeping():  # it only changes hands
        Setup.objects.filter(pk=run.setup.pk).update(**waiting)
    wake_after_commit(RUN_TASK, run.setup.pk)


def target(setup: Setup) -> Target:
    """Return a set-up as the target of an event."""
    return Target("setup", str(setup.pk), f"{option_of(setup).title} set-up of {setup.tenant.name}")
