"""Genesys Cloud option: its wizard steps and its three services (guide, option 3)."""

from collections.abc import Callable
from typing import Any, cast

from genesys_cloud.connection_test import last_test
from genesys_cloud.regions import REGIONS
from portal.http_client.messages import Secret
from portal.vault.kinds import Kind
from provisioning.models import Setup
from provisioning.options.base import OF_EVERY_OPTION, Answers, Option, Prerequisite, ServiceDefinition
from provisioning.options.file_schema import FileField, FileSchema
from provisioning.options.genesys_cloud.forms import (
    ChecklistForm,
    ClusterKeyForm,
    CredentialsForm,
    LaterSenderForm,
    OrganisationForm,
    organisation_warnings,
)
from provisioning.wizard.forms import StepForm
from provisioning.wizard.steps import PrerequisitesStep, SenderStep, WizardStep


def _custom(answers: Answers) -> bool:
    """Return whether the hosts belong to no region. Then the file has the URLs, otherwise only the region."""
    return answers.get("region") not in REGIONS


def _only_custom(variable: str) -> Callable[[Answers], Any]:
    return lambda answers: answers.get(variable) if _custom(answers) else None


SECTION = FileSchema(
    keys=(
        FileField("org_id", "orgId"),
        FileField(
            "region", "region", required=False, to_file=lambda answers: None if _custom(answers) else answers["region"]
        ),
        FileField("login_url", "gcLoginURL", required=False, to_file=_only_custom("gcLoginURL")),
        FileField("api_url", "gcAPIURL", required=False, to_file=_only_custom("gcAPIURL")),
        FileField("client_id", "clientId"),
        FileField("client_secret", "clientSecret", secret="CLIENT_SECRET"),  # noqa: S106 - a name, not a secret
        FileField("cluster_api_key", "apikey", required=False, secret="CLUSTER_KEY"),  # noqa: S106 - the same
    ),
    sender_variable="tfn",
)


class OrganisationStep(WizardStep):
    """The organisation and its region."""

    key = "organisation"
    title = "Organisation"
    form = OrganisationForm
    template = "provisioning/genesys_cloud/organisation.html"

    def warnings(self, answers: Answers) -> list[str]:
        """Return what is unusual about the hosts."""
        return organisation_warnings(answers)


class ChecklistStep(WizardStep):
    """What a person does in Genesys Cloud itself."""

    key = "checklist"
    title = "Genesys Cloud"
    form = ChecklistForm
    template = "provisioning/genesys_cloud/checklist.html"

    def context(self, form: StepForm) -> dict[str, Any]:
        """Add the checklist by chapter, with links into the organisation that the draft names."""
        return {"chapters": cast("ChecklistForm", form).chapters(form.saved.get("gcLoginURL", ""))}


class CredentialsStep(WizardStep):
    """The OAuth client."""

    key = "credentials"
    title = "Credentials"
    form = CredentialsForm
    template = "provisioning/genesys_cloud/credentials.html"


class ClusterKeyStep(WizardStep):
    """The API key of the messaging cluster."""

    key = "cluster_key"
    title = "API key"
    form = ClusterKeyForm
    template = "provisioning/genesys_cloud/cluster_key.html"


class LaterSenderStep(SenderStep):
    """The number, which may come later, with an order."""

    form = LaterSenderForm
    template = "provisioning/genesys_cloud/sender.html"


class GenesysCloud(Option):
    """The aggregation of Genesys Cloud CX, with three services."""

    key = "genesys_cloud"
    title = "Genesys Cloud CX"
    summary = "SMS through the aggregation of Genesys Cloud CX, with toll-free numbers that you order there."
    question = "Should Genesys carry your messages, with toll-free numbers bought through Genesys Cloud?"
    provider = "Portico"
    steps = (
        PrerequisitesStep(),
        OrganisationStep(),
        ChecklistStep(),
        CredentialsStep(),
        ClusterKeyStep(),
        LaterSenderStep(),
    )
    secrets = (Kind.CLIENT_SECRET,)
    prerequisites = (
        *OF_EVERY_OPTION,
        Prerequisite("Organisation id", "From your Genesys representative, with the organisation itself.", "orgId"),
        Prerequisite("Region", "Where the organisation lives; it gives the login URL and the API URL."),
        Prerequisite("Administrator", "A user with administrative permissions in the organisation.", "orgUsername"),
        Prerequisite("Genesys SMS Aggregation", "A product that the representative adds to the organisation."),
        Prerequisite("Client id", "Made on the way, in Genesys Cloud.", "clientId"),
        Prerequisite("Client secret", "Made on the way, in Genesys Cloud.", "clientSecret"),
        Prerequisite("Messaging cluster API key", "Made on the way, unless there is one already.", "apikey"),
    )
    carrier_note = "Genesys' SMS aggregation"
    section = SECTION

    def services(self, answers: Answers) -> list[ServiceDefinition]:
        """Return the three services of the guide."""
        client = {"clientId": answers["clientId"], "clientSecret": Secret("clientSecret")}
        return [
            ServiceDefinition("PurecloudIDP", {"url": answers["gcLoginURL"], "secret": client, "data": {}}),
            ServiceDefinition("SMS", {"url": "N/A", "secret": {}, "data": {"tokenProvider": "Purecloud"}}),
            ServiceDefinition("PorticoSMS", {"url": answers["gcAPIURL"], "secret": {}, "data": {}}),
        ]

    def cautions(self, setup: Setup) -> list[str]:
        """Return a message if the connection was not tested, or if its last test failed."""
        test = last_test(setup.tenant)
        if test is None:
            return ["The connection to Genesys Cloud was never tested; the step “Credentials” has the button."]
        return [] if test.ok else [f"The last test of the connection failed: {test.sentence}"]
