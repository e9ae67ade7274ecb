"""What an option is: the shape that every room under `options/` fills in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.tenants.models import Tenant
from portal.vault.binding import Binding
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.models import Setup, SetupState
from provisioning.options.section import NO_SECTION, Section
from provisioning.wizard import WizardStep

#: All answers of a wizard that are not secret, by the guide's variable names; JSON values, mostly texts.
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class ServiceDefinition:
    """A Nexus service to create; `body` is JSON in which secrets are `Secret` markers."""

    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Prerequisite:
    """Something to have at hand before the wizard begins; `variable` is the guide's name, if it has one."""

    label: str
    note: str
    variable: str = ""


#: What every option needs.
OF_EVERY_OPTION = (
    Prerequisite("Contact centre id", "From your GWS (Genesys Web Services and Applications) deployment.", "ccid"),
    Prerequisite("Digital Channels URL", "The public URL of the Digital Channels API.", "nexusURL"),
    Prerequisite("Digital Channels API key", "Sent as x-api-key with every request.", "apiKey"),
)


@dataclass(frozen=True)
class FurtherPage:
    """A page of an option's own, about one set-up (its URL takes `setup_id`)."""

    label: str
    url_name: str
    icon: str


def nothing_in_the_way(tenant: Tenant) -> list[str]:  # noqa: ARG001 - the shape of all of them
    """Find nothing that must be done first."""
    return []


def nothing_to_mind(setup: Setup) -> list[str]:  # noqa: ARG001 - the shape of all of them
    """Find nothing that is worth a look before a run."""
    return []


def as_set_up(setup: Setup) -> tuple[str, str]:
    """Return tone and word for a carrier about which nothing more is known than the set-up."""
    return ("good", "Set up") if setup.state == SetupState.SUCCEEDED else ("warning", "Not complete")


@dataclass(frozen=True)
class Option:
    """One of the ways to send SMS.

    `question` is what a person who says yes to it should choose; `provider` is the word that sender IDs of this option
    carry; `services` gives the definitions in the guide's order; `secrets` are the credentials that they need, besides
    the Nexus API key; `sender_numbers` are those of the answers that become drafts of sender IDs; `blockers` says in
    sentences what must be done in this tenant before a run, and `cautions` what is worth a look; `carrier_note` and
    `carrier_state` (tone and word) stand in the picture of a message's way, which leads to the page of the URL name
    `carrier_page`; `section` is how it stands in a file of set-ups.
    """

    key: str
    title: str
    summary: str
    question: str
    provider: str
    steps: tuple[WizardStep, ...]
    secrets: tuple[Kind, ...]
    prerequisites: tuple[Prerequisite, ...]
    services: Callable[[Answers], list[ServiceDefinition]]
    sender_numbers: Callable[[Answers], list[str]]
    carrier_note: str
    blockers: Callable[[Tenant], list[str]] = nothing_in_the_way
    cautions: Callable[[Setup], list[str]] = nothing_to_mind
    carrier_state: Callable[[Setup], tuple[str, str]] = as_set_up
    carrier_page: str = "setup"
    further_pages: tuple[FurtherPage, ...] = ()
    section: Section = NO_SECTION

    @property
    def questions(self) -> str:
        """Return what the wizard asks, in words."""
        return ", ".join(step.title for step in self.steps)

    def kinds(self) -> dict[str, Kind]:
        """Return what kind of credential each secret field of its steps fills, by variable."""
        return {name: each.kind for name, each in self._secret_fields().items()}

    def bindings(self, tenant: Tenant, answers: Answers) -> dict[Kind, Binding]:
        """Return where each secret of its services goes by these answers, those aside of which they do not say it."""
        facts = {"nexusURL": tenant.nexus_url, **answers}
        wanted = {Kind.NEXUS_API_KEY, *self.secrets}
        found = {
            each.kind: each.binding(facts, tenant.nexus_url)
            for each in self._secret_fields().values()
            if each.kind in wanted
        }
        return {kind: binding for kind, binding in found.items() if binding is not None}

    def _secret_fields(self) -> dict[str, SecretField]:
        fields = {name: each for step in self.steps for name, each in step.form.base_fields.items()}
        return {name: each for name, each in fields.items() if isinstance(each, SecretField)}

    def step(self, key: str) -> WizardStep:
        """Return a step of the wizard; raises KeyError."""
        return {step.key: step for step in self.steps}[key]
