"""Demo story: sets up three tenants, each with another option and the sandbox as Nexus, and orders a number for one.

Running it again only does what is missing.
"""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor, command_line
from portal.devtools.demo import ordering
from portal.devtools.demo.people import cast
from portal.devtools.demo.printing import Say, StoryFailed, WaitUntil
from portal.devtools.demo.tenants import API_KEY, TENANTS, DemoTenant
from portal.tenants.actions import add_tenant, edit_tenant
from portal.tenants.models import Tenant
from provisioning.models import ENDED, LIVE, Setup, SetupState, SetupStep, StepState
from provisioning.options.base import Option
from provisioning.options.genesys_cloud.option import GenesysCloud
from provisioning.runs.actions import resume_setup, start_setup
from provisioning.wizard.actions import begin_setup, save_step
from provisioning.wizard.drafts import option_of

_LOOPBACK = "http://127.0.0.1:"
#: Longer than a lease (two minutes), after which another worker resumes a killed worker's run.
_PATIENCE_SECONDS = 180.0


def tell(sandbox: str, say: Say, wait_until: WaitUntil) -> None:
    """Create the demo's data; `sandbox` is the sandbox's URL. Raises StoryFailed."""
    try:
        _tell(sandbox, say, wait_until)
    except (ValidationError, PermissionDenied) as refusal:  # somebody changed the demo's tenant or users
        why = " ".join(getattr(refusal, "messages", [str(refusal)]))
        raise StoryFailed(f"The portal refused the demo's next step: {why}") from refusal


def _tell(sandbox: str, say: Say, wait_until: WaitUntil) -> None:
    for demo in TENANTS:
        tenant = _tenant_at(demo, sandbox)
        people = cast(tenant)
        administrator = person(people[Role.ADMINISTRATOR])
        if tenant.archived_at is not None:
            say(f"{tenant.name} is archived, so its set-up is left alone.")
        elif not Setup.objects.filter(tenant=tenant, state__in=ENDED).exists():
            say(f"Setting up SMS of {tenant.name} with {demo.option.title}, through the queue:")
            _watch(_set_up(tenant, demo.answers(sandbox), demo.option, administrator), say, wait_until)
        if demo.option.key == GenesysCloud.key and tenant.archived_at is None:
            ordering.order_one(person(people[Role.REPRESENTATIVE]), tenant, say, wait_until)


def _tenant_at(demo: DemoTenant, sandbox: str) -> Tenant:
    """Return the demo's tenant, moved to the sandbox's present port unless somebody changed its URL."""
    # Prefer the one at this sandbox, else the oldest: there may be another with the same contact centre id.
    having = Tenant.objects.filter(ccid=demo.ccid)
    found = having.filter(nexus_url=sandbox).first() or having.order_by("created_at").first()
    if found is None:
        return add_tenant(command_line(), name=demo.name, ccid=demo.ccid, nexus_url=sandbox, nexus_api_key=API_KEY)
    if found.archived_at is None and found.nexus_url.startswith(_LOOPBACK) and found.nexus_url != sandbox:
        return edit_tenant(command_line(), found, nexus_url=sandbox, nexus_api_key=API_KEY)
    return found


def _set_up(tenant: Tenant, answers: Mapping[str, str], option: Option, actor: Actor) -> Setup:
    """Start the tenant's set-up, or continue one that a killed demo left behind."""
    setup = begin_setup(actor, tenant, option.key)
    if setup.state == SetupState.DRAFT:
        return start_setup(actor, _answered(setup, answers, actor))
    return resume_setup(actor, setup) if setup.state == SetupState.FAILED else setup


def _watch(setup: Setup, say: Say, wait_until: WaitUntil) -> None:
    progress = _Progress(setup, say)
    wait_until(progress.look, "the set-up", _PATIENCE_SECONDS)
    progress.judge()


def _answered(setup: Setup, answers: Mapping[str, str], actor: Actor) -> Setup:
    """Save all wizard steps of the draft, as a person would."""
    facts = {"ccid": str(setup.tenant.ccid), "nexusURL": setup.tenant.nexus_url, "apiKey": API_KEY}
    for step in option_of(setup).steps:
        setup = save_step(actor, setup, step.key, facts | dict(answers), setup.version)
    return setup


class _Progress:
    """Reads a running set-up and prints each change of a step once."""

    def __init__(self, setup: Setup, say: Say) -> None:
        self.setup = setup
        self.say = say
        self.said: set[tuple[str, str, int]] = set()

    def look(self) -> bool:
        """Print what is new; return True once the set-up has finished."""
        self.setup.refresh_from_db()
        for step in self.setup.steps.all():
            self._say_once(step)
        return self.setup.state not in LIVE

    def _say_once(self, step: SetupStep) -> None:
        news = (step.service, step.state, step.attempts)
        if step.state == StepState.PENDING or news in self.said:
            return
        self.said.add(news)
        clock = timezone.localtime().strftime("%H:%M:%S")
        self.say(f"  {clock}  {step.service:<14}{step.get_state_display().lower()}, attempt {step.attempts}")

    def judge(self) -> None:
        """Raise StoryFailed unless the set-up succeeded."""
        if self.setup.state != SetupState.SUCCEEDED:
            failed = self.setup.steps.filter(state=StepState.FAILED).first()
            why = failed.sentence if failed else self.setup.sentence
            raise StoryFailed(f"The set-up {self.setup.get_state_display().lower()}: {why}")
