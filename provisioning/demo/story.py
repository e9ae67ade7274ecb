"""The demo's story: a tenant whose Nexus is the sandbox, and its Kaleyra set-up with the guide's examples.

Told again, it does only what is not done yet.
"""

from collections.abc import Callable
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from portal.accounts.permission import person
from portal.accounts.rights import Role
from portal.audit.actors import Actor, command_line
from portal.tenants.actions import add_tenant, edit_tenant
from portal.tenants.models import Tenant
from provisioning.actions import begin_setup, resume_setup, save_step, start_setup
from provisioning.demo.people import cast
from provisioning.models import LIVE, Setup, SetupState, SetupStep, StepState
from provisioning.options.kaleyra.option import KALEYRA

Say = Callable[[str], None]
WaitUntil = Callable[[Callable[[], bool], str, float], None]

CCID = UUID("45acae06-6b7c-4f97-9c76-471cb5c21bf7")
_LOOPBACK = "http://127.0.0.1:"
#: A run that a killed worker left behind is taken up when its lease of two minutes ends.
_PATIENCE_SECONDS = 180.0
# Made up: the sandbox takes any key, and nothing is sent to Kaleyra.
_API_KEY, _KALEYRA_PASSWORD = "demo-api-key", "demo-password"


class StoryFailed(Exception):
    """The demo's set-up did not succeed; the text is one line for a person."""


def tell(sandbox: str, say: Say, wait_until: WaitUntil) -> None:
    """Bring the database to the story's end; `sandbox` is its address. Raises StoryFailed."""
    try:
        _tell(sandbox, say, wait_until)
    except (ValidationError, PermissionDenied) as refusal:  # somebody played with the demo's tenant or people
        why = " ".join(getattr(refusal, "messages", [str(refusal)]))
        raise StoryFailed(f"The portal refused the demo's next step: {why}") from refusal


def _tell(sandbox: str, say: Say, wait_until: WaitUntil) -> None:
    tenant = _tenant_at(sandbox)
    people = cast(tenant)
    if tenant.archived_at is not None:
        say(f"{tenant.name} is archived, so its set-up is left alone.")
    elif not Setup.objects.filter(tenant=tenant, option=KALEYRA.key, state=SetupState.SUCCEEDED).exists():
        _set_up(tenant, person(people[Role.ADMINISTRATOR]), say, wait_until)


def _tenant_at(sandbox: str) -> Tenant:
    """The demo's tenant; it follows the sandbox to another port, unless somebody sent it elsewhere."""
    found = Tenant.objects.filter(ccid=CCID).first()
    if found is None:
        return add_tenant(command_line(), name="Acme", ccid=CCID, nexus_url=sandbox, nexus_api_key=_API_KEY)
    if found.archived_at is None and found.nexus_url.startswith(_LOOPBACK) and found.nexus_url != sandbox:
        return edit_tenant(command_line(), found, nexus_url=sandbox)
    return found


def _set_up(tenant: Tenant, actor: Actor, say: Say, wait_until: WaitUntil) -> None:
    say(f"Setting up SMS of {tenant.name} with {KALEYRA.title}, through the queue:")
    setup = begin_setup(actor, tenant, KALEYRA.key)
    if setup.state == SetupState.DRAFT:
        setup = start_setup(actor, _answered(setup, actor))
    elif setup.state == SetupState.FAILED:
        setup = resume_setup(actor, setup)
    progress = _Progress(setup, say)
    wait_until(progress.look, "the set-up", _PATIENCE_SECONDS)
    progress.judge()


def _answered(setup: Setup, actor: Actor) -> Setup:
    """The draft with all of the wizard's steps saved, as a person would save them."""
    facts = {"ccid": str(setup.tenant.ccid), "nexusURL": setup.tenant.nexus_url, "apiKey": _API_KEY}
    account = {"kaleyraURL": "http://directtext.mgage.com", "kaleyraUserName": "acme"}
    answers = facts | account | {"kaleyraPassword": _KALEYRA_PASSWORD, "tfn": "16504661149"}
    for step in KALEYRA.steps:
        setup = save_step(actor, setup, step.key, answers, setup.version)
    return setup


class _Progress:
    """Looks at a running set-up and says each step's news once."""

    def __init__(self, setup: Setup, say: Say) -> None:
        self.setup = setup
        self.say = say
        self.said: set[tuple[str, str, int]] = set()

    def look(self) -> bool:
        """Say what is new; True when the set-up is at rest."""
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
        self.say(f"  {clock}  {step.service:<10}{step.get_state_display().lower()}, attempt {step.attempts}")

    def judge(self) -> None:
        """Raise StoryFailed unless the set-up succeeded."""
        if self.setup.state != SetupState.SUCCEEDED:
            failed = self.setup.steps.filter(state=StepState.FAILED).first()
            why = failed.sentence if failed else self.setup.sentence
            raise StoryFailed(f"The set-up {self.setup.get_state_display().lower()}: {why}")
