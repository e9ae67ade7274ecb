"""Claims of set-ups: how a worker loads, claims and releases a set-up.

A set-up is loaded first and then claimed by one conditional UPDATE, which raises its fence. Each later transaction
starts by renewing the lease if the fence is unchanged, so a worker that was paused beyond its lease changes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q
from django.utils import timezone

from portal.audit.actors import Actor, worker_for
from portal.audit.commit_guard import unaudited
from portal.audit.recording import Target
from portal.core.db import fast_sql
from portal.core.tasks.publish import send_task_on_commit
from portal.http_client.messages import Request
from portal.http_client.models import Call
from portal.tenants.actions import refuse_if_archived
from portal.tenants.models import Tenant
from portal.vault.actions import NOTHING, Revealed
from provisioning.models import Setup, SetupState, SetupStep
from provisioning.wizard.drafts import option_of


def locked_tenant(tenant_id: UUID) -> Tenant:
    """Lock and return the tenant, so that two options cannot start at once. Raises ValidationError if archived.

    The lock is `no_key`: with a full lock, workers that insert rows for this tenant while they hold a set-up would
    deadlock with us.
    """
    locked = Tenant.objects.select_for_update(no_key=True).get(pk=tenant_id)
    refuse_if_archived(locked)
    return locked


def locked_with_tenant(setup: Setup) -> Setup:
    """Lock and return the set-up and its tenant, always the tenant first, which avoids deadlocks."""
    tenant = locked_tenant(setup.tenant_id)
    locked = Setup.objects.select_for_update(no_key=True).get(pk=setup.pk)
    locked.tenant = tenant
    return locked


def demand_state(setup: Setup, state: SetupState, otherwise: str) -> None:
    """Raise a ValidationError that ends with `otherwise` unless the set-up is in this state."""
    if setup.state != state:
        raise ValidationError(f"This set-up is {setup.get_state_display().lower()}. {otherwise}", code="state")


RUN_TASK = "provisioning.tasks.run_setup"


@dataclass
class Run:
    """A set-up that this worker has loaded or claimed. Secrets leave this object only in a request.

    `obstacle` is the reason why it cannot be sent, if one was found while the requests were prepared. `may_pass` means
    that a later try may succeed.
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
        """Return the values of its secrets by the guide's variable names."""
        return self.revealed.values

    @property
    def rows(self) -> list[Model]:
        """Return the rows that a step of the run changes in memory."""
        return [self.setup, *self.steps, *self.revealed.rows]


@dataclass(frozen=True)
class Sending:
    """One request of a step that is about to be sent to Nexus. With `reads_back` it is a GET and creates nothing."""

    step: SetupStep
    request: Request
    call: Call
    reads_back: bool = False


def claimable(now: datetime) -> Q:
    """Return the filter on claimable set-ups: those that are due, and those whose lease has expired."""
    due = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
    return Q(state=SetupState.QUEUED) & due | Q(state=SetupState.RUNNING, lease_until__lt=now)


def is_due(state: SetupState, next_attempt_at: datetime | None, lease_until: datetime | None, now: datetime) -> bool:
    """Return whether `claimable` would select a set-up with these values."""
    if state == SetupState.QUEUED:
        return next_attempt_at is None or next_attempt_at <= now
    return state == SetupState.RUNNING and lease_until is not None and lease_until < now


def load_run(setup_id: UUID, now: datetime) -> Run | None:
    """Load a due set-up with its tenant and steps, without claiming it; None if it is not due."""
    setup = next(iter(fast_sql.select(Setup, pk=setup_id)), None)
    if setup is None or not is_due(SetupState(setup.state), setup.next_attempt_at, setup.lease_until, now):
        return None
    (setup.tenant,) = fast_sql.select(Tenant, pk=setup.tenant_id)
    actor = worker_for(setup.started_by_id, setup.started_by_label)
    return Run(setup, setup.fence + 1, actor, fast_sql.select(SetupStep, setup=setup_id))


def claim(run: Run, now: datetime) -> bool:
    """Claim a loaded set-up in the caller's transaction; return False if it changed in the meantime.

    The rule is that of `portal.core.tasks.claim`. This one uses a compiled statement, because it is on the hot path.
    """
    setup = run.setup
    # Another claim would have raised the fence, and a worker that went on would have extended the lease. Either way
    # this finds no row, so a match also proves that the steps are as they were loaded.
    seen = {"state": setup.state, "fence": setup.fence, "lease_until": setup.lease_until}
    claim = {"state": SetupState.RUNNING, "fence": run.fence, "lease_until": lease(now), "next_attempt_at": None}
    claim["tries"] = setup.tries + 1
    with unaudited():  # a claim needs no event; its result gets one
        taken = fast_sql.update(Setup, claim, pk=setup.pk, **seen)
    for name, value in claim.items():
        setattr(setup, name, value)
    return taken == 1


def lease(now: datetime) -> datetime:
    """Return the end of a lease that starts or is renewed now."""
    return now + timedelta(seconds=settings.SETUP_LEASE_SECONDS)


def count_lost_try(run: Run) -> None:
    """Count a try whose claim was rolled back because something failed."""
    Setup.objects.filter(pk=run.setup.pk, fence=run.fence - 1).update(tries=F("tries") + 1)


def put_off(run: Run, seconds: float) -> None:
    """Requeue the set-up for later, in the caller's transaction. Nothing must be in flight."""
    due = timezone.now() + timedelta(seconds=seconds)
    with unaudited():  # only the lease changes
        Setup.objects.filter(pk=run.setup.pk, fence=run.fence).update(
            state=SetupState.QUEUED, lease_until=None, next_attempt_at=due, published_at=due
        )


def hand_back(run: Run) -> None:
    """Requeue the set-up for another worker, because this one is shutting down. Nothing must be in flight."""
    waiting = {"state": SetupState.QUEUED, "lease_until": None, "published_at": timezone.now(), "tries": 0}
    with unaudited():  # only the lease changes
        Setup.objects.filter(pk=run.setup.pk, fence=run.fence).update(**waiting)
    send_task_on_commit(RUN_TASK, run.setup.pk)


def target(setup: Setup) -> Target:
    """Return the set-up as the target of an event."""
    return Target("setup", str(setup.pk), f"{option_of(setup).title} set-up of {setup.tenant.name}")
