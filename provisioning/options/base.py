"""Option: the class to subclass for one way to send SMS."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.tenants.models import Tenant
from portal.vault.binding import Binding
from portal.vault.fields import SecretField
from portal.vault.kinds import Kind
from provisioning.models import Setup, SetupState
from provisioning.options.file_schema import NO_FILE_SCHEMA, FileSchema
from provisioning.wizard.steps import WizardStep

#: All answers of a wizard that are not secret, by the guide's variable names; JSON values, mostly strings.
Answers = Mapping[str, Any]


@dataclass(frozen=True)
class ServiceDefinition:
    """A Nexus service to create; `body` is JSON with `Secret` markers in place of secrets."""

    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Prerequisite:
    """Something that a person needs before the wizard starts; `variable` is the guide's name, if it has one."""

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
    """An additional page of an option about one set-up; its URL takes `setup_id`."""

    label: str
    url_name: str
    icon: str


class Option:
    """One way to send SMS; subclass it, and add the subclass to `OPTIONS`.

    - `question`: a person who answers yes should choose this option.
    - `provider`: the provider name in this option's sender IDs.
    - `secrets`: the credentials that the services need, besides the Nexus API key.
    - `carrier_note`, `carrier_page`: note and linked page in the message path.
    - `section`: the option's schema in a file of set-ups.
    """

    key: str
    title: str
    summary: str
    question: str
    provider: str
    steps: tuple[WizardStep, ...]
    secrets: tuple[Kind, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = OF_EVERY_OPTION
    carrier_note: str
    carrier_page = "setup"
    further_pages: tuple[FurtherPage, ...] = ()
    section: FileSchema = NO_FILE_SCHEMA

    def services(self, answers: Answers) -> list[ServiceDefinition]:
        """Return the definitions of the services, in the guide's order."""
        raise NotImplementedError

    def sender_numbers(self, answers: Answers) -> list[str]:
        """Return the numbers in the answers that become drafts of sender IDs; a file of set-ups may leave them out."""
        return [number] if (number := answers.get("tfn", "")) else []

    def blockers(self, tenant: Tenant) -> list[str]:  # noqa: ARG002 - for subclasses
        """Return messages about what the tenant must do before a run."""
        return []

    def cautions(self, setup: Setup) -> list[str]:  # noqa: ARG002 - for subclasses
        """Return messages about what is worth a look before a run."""
        return []

    def carrier_state(self, setup: Setup) -> tuple[str, str]:
        """Return severity and label of the carrier; here nothing is known beyond the set-up's state."""
        return ("good", "Set up") if setup.state == SetupState.SUCCEEDED else ("warning", "Not complete")

    @property
    def questions(self) -> str:
        """Return the titles of the wizard's steps."""
        return ", ".join(step.title for step in self.steps)

    def kinds(self) -> dict[str, Kind]:
        """Return the kind of credential for each secret field of its steps, by variable."""
        return {name: each.kind for name, each in self._secret_fields().items()}

    def bindings(self, tenant: Tenant, answers: Answers) -> dict[Kind, Binding]:
        """Return the address and client to which these answers bind each secret, if they determine them."""
        facts = {"nexusURL": tenant.nexus_url, **answers}
        wanted = {Kind.NEXUS_API_KEY, *self.secrets}
        found = {
            each.kind: each.binding(facts, tenant.nexus_url)
            for each in self._secret_fields().values()
            if each.kind in wanted
        }
        return {kind: binding for kind, binding in found.items() if binding is not None}

    def _secret_fields(self) -> dict[str, SecretField]:
        return {name: each for step in self.steps for name, each in step.secret_fields().items()}

    def step(self, key: str) -> WizardStep:
        """Return a step of the wizard. Raises KeyError."""
        return {step.key: step for step in self.steps}[key]
