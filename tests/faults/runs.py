"""Many set-ups at once, and the judgement on them: nothing lost, nothing doubled, every chain whole."""

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from portal.accounts.actions import grant_role
from portal.accounts.models import User
from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import command_line
from portal.audit.event_lookup import faults
from portal.audit.models import SITE_CHAIN, Event
from portal.audit.transactions import atomic
from portal.devtools.sandbox.control import Control
from provisioning.models import LIVE, Setup, SetupState, SetupStep, StepState
from provisioning.runs.actions import start_setup
from tests.provisioning import kaleyra
from tests.support.cast import new_tenant
from tests.support.children import wait_for

#: What the history of a set-up says when it ran once, whoever died meanwhile.
ONCE = {"setup.started": 1, "setup.succeeded": 1}


@atomic
def drafts(user: User, nexus_url: str, count: int) -> list[Setup]:
    """Make complete drafts, each of a tenant of its own which this person administers."""
    return [_draft(user, nexus_url, number) for number in range(count)]


def _draft(user: User, nexus_url: str, number: int) -> Setup:
    tenant = new_tenant(f"Tenant {number}", nexus_url)
    grant_role(command_line(), user=user, tenant_id=tenant.pk, role=Role.ADMINISTRATOR)
    return kaleyra.complete_draft(person(user), tenant)


def start(user: User, setups: Iterable[Setup]) -> None:
    """Start them, each in a transaction of its own, as so many clicks would."""
    for setup in setups:
        start_setup(person(user), setup)


def wait_until_ended(setups: Iterable[Setup], seconds: float = 60) -> None:
    """Wait until none of them is queued or running."""
    ids = [setup.pk for setup in setups]
    wait_for(lambda: not Setup.objects.filter(pk__in=ids, state__in=LIVE).exists(), "the runs to end", seconds)


def problems(setups: Iterable[Setup], sandbox: Control) -> list[str]:
    """Return all that is wrong with set-ups that should have succeeded, each created once; nothing if all is well."""
    created = _created(sandbox)
    found = [f"{setup.pk}: {problem}" for setup in setups for problem in _problems(setup, created)]
    return found + [f"site: {fault.problem} at {fault.seq}" for fault in faults(SITE_CHAIN)]


def _problems(setup: Setup, created: Counter[tuple[str, str]]) -> list[str]:
    setup.refresh_from_db()
    found = [f"#{fault.seq}: {fault.problem}" for fault in faults(str(setup.tenant_id))]
    if setup.state != SetupState.SUCCEEDED:
        found.append(f"it is {setup.state}: {setup.sentence}")
    for step in setup.steps.all():
        found += _problems_of(step, created[str(setup.tenant.ccid), step.service])
    told = Counter(Event.objects.filter(chain=str(setup.tenant_id)).values_list("verb", flat=True))
    created_here = setup.steps.filter(state=StepState.CREATED).count()
    if told["service.created"] != created_here:
        found.append(f"service.created stands {told['service.created']} times, not {created_here}")
    return found + [f"{verb} stands {told[verb]} times" for verb, times in ONCE.items() if told[verb] != times]


def _problems_of(step: SetupStep, times: int) -> list[str]:
    found = [] if times == 1 else [f"{step.service} was created {times} times"]
    # After a lost answer only a look proves who created it, and no look shows the secrets of mGageSMS.
    unprovable = step.outcome_unknown and step.service == "mGageSMS"
    right = StepState.FOUND if unprovable and step.state != StepState.CREATED else StepState.CREATED
    return found if step.state == right else [*found, f"{step.service} is {step.state}: {step.sentence}"]


def _created(sandbox: Control) -> Counter[tuple[str, str]]:
    """Count what Nexus really did, by contact centre and service."""
    effects = (line["path"].split("/")[-2:] for line in sandbox.ledger(effects=True))
    return Counter((str(UUID(ccid)), service) for ccid, service in effects)
